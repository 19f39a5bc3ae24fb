import type { ProbeSpec } from '../../catalog/schema.js';
import type { EngineApi } from '../../engine/api.js';
import type { ServiceState } from '../../output/events.js';
import { interpolate, type Lookup } from '../../project/interpolate.js';
import type { StackContainer } from '../observe/containers.js';

/** A container that Docker calls unhealthy is asked, too: it says itself what is wrong. */
const RUNNING: readonly ServiceState[] = ['healthy', 'running', 'starting', 'unhealthy'];

/** What a probe found. */
export interface ProbeResult {
  service: string;
  /** What is checked, in words: `scheduler is healthy`. */
  says: string;
  passed: boolean;
  /** Why not. */
  problem: string;
}

/**
 * Runs one probe; each value that it looks at in the body is a result of its own. Never throws: no answer is an answer,
 * after `timeoutMs` at the latest.
 */
export async function runProbe(
  docker: EngineApi,
  probe: ProbeSpec,
  containers: StackContainer[],
  lookup: Lookup,
  timeoutMs = 10_000,
): Promise<ProbeResult[]> {
  const container = containers.find((one) => one.service === probe.service && RUNNING.includes(one.state));
  if (!container) return failed(probe, whyNotAsked(probe.service, containers));
  try {
    const command = probe.command.map((word) => interpolate(word, lookup));
    const { exitCode, stdout, stderr } = await docker.exec(container.id, command, { timeoutMs });
    if (!probe.json)
      return exitCode === 0
        ? passed(probe)
        : failed(probe, lastLine(stdout) ?? lastLine(stderr) ?? exitInWords(exitCode));
    if (exitCode !== 0 && !stdout) return failed(probe, lastLine(stderr) ?? exitInWords(exitCode));
    const body = JSON.parse(stdout) as unknown;
    return checksOf(probe).map(({ path, wanted, says }) => {
      const found = valueAt(body, path);
      return {
        service: probe.service,
        says,
        passed: String(found) === wanted,
        problem: `${path} is ${found ?? 'not there'}`,
      };
    });
  } catch (error) {
    return failed(probe, (error as Error).message);
  }
}

/** What a probe has found when everything is as it should be. */
export function passed(probe: ProbeSpec): ProbeResult[] {
  return checksOf(probe).map(({ says }) => ({ service: probe.service, says, passed: true, problem: '' }));
}

/** What a probe has found when nothing is. */
export function failed(probe: ProbeSpec, problem: string): ProbeResult[] {
  return checksOf(probe).map(({ says }) => ({ service: probe.service, says, passed: false, problem }));
}

function checksOf(probe: ProbeSpec): { path: string; wanted: string; says: string }[] {
  if (!probe.json)
    return [{ path: '', wanted: '', says: probe.says ?? `${probe.command.join(' ')} succeeds` }];
  return Object.entries(probe.json).map(([path, wanted]) => ({
    path,
    wanted,
    says: `${path.split('.')[0]} is ${wanted}`,
  }));
}

/** A paused container is not asked: a command in it would only be refused. */
function whyNotAsked(service: string, containers: StackContainer[]): string {
  const own = containers.find((one) => one.service === service);
  return own?.state === 'paused' || own?.state === 'restarting'
    ? `${own.label} is ${own.state}`
    : `${service} does not run`;
}

/** The value at a path such as `scheduler.status`. */
export function valueAt(body: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined | null)?.[key], body);
}

/** 124 is what timeout(1) ends with when it had to kill. */
function exitInWords(exitCode: number): string {
  return exitCode === 124 ? 'no answer in time' : `exit code ${exitCode}`;
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1) || undefined;
}
