import type Dockerode from 'dockerode';
import type { ProbeSpec } from '../catalog/schema.js';
import { interpolate, type Lookup } from '../project/interpolate.js';
import type { StackContainer } from './containers.js';
import { execIn } from './exec.js';

/** What a probe found. */
export interface ProbeResult {
  service: string;
  /** What is checked, in words: `scheduler is healthy`. */
  says: string;
  passed: boolean;
  /** Why not. */
  problem: string;
}

/** Runs one probe; each value that it looks at in the body is a result of its own. Never throws: no answer is an answer. */
export async function runProbe(
  docker: Dockerode,
  probe: ProbeSpec,
  containers: StackContainer[],
  lookup: Lookup,
): Promise<ProbeResult[]> {
  const checks = probe.json
    ? Object.entries(probe.json).map(([path, wanted]) => ({
        path,
        wanted,
        says: `${path.split('.')[0]} is ${wanted}`,
      }))
    : [{ path: '', wanted: '', says: probe.says ?? `${probe.command.join(' ')} succeeds` }];
  const failed = (problem: string) =>
    checks.map(({ says }) => ({ service: probe.service, says, passed: false, problem }));
  const container = containers.find(
    (one) =>
      one.service === probe.service &&
      (one.state === 'healthy' || one.state === 'running' || one.state === 'starting'),
  );
  if (!container) return failed(`${probe.service} does not run`);
  try {
    const command = probe.command.map((word) => interpolate(word, lookup));
    const { exitCode, stdout, stderr } = await execIn(docker, container.id, command);
    if (!probe.json)
      return exitCode === 0
        ? checks.map(({ says }) => ({ service: probe.service, says, passed: true, problem: '' }))
        : failed(lastLine(stdout + stderr) ?? `exit code ${exitCode}`);
    if (exitCode !== 0 && !stdout) return failed(lastLine(stderr) ?? `exit code ${exitCode}`);
    const body = JSON.parse(stdout) as unknown;
    return checks.map(({ path, wanted, says }) => {
      const found = valueAt(body, path);
      return {
        service: probe.service,
        says,
        passed: String(found) === wanted,
        problem: `${path} is ${found ?? 'not there'}`,
      };
    });
  } catch (error) {
    return failed((error as Error).message);
  }
}

/** The value at a path such as `scheduler.status`. */
function valueAt(body: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined | null)?.[key], body);
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1) || undefined;
}
