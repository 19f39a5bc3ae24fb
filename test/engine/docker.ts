import { execa } from 'execa';

export interface Called {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the docker CLI as a user could. Does not throw: the exit code is part of what is tested. */
export async function docker(
  args: string[],
  options: { cwd?: string; input?: string | Uint8Array; env?: Record<string, string> } = {},
): Promise<Called> {
  const { input, ...rest } = options;
  const result = await execa('docker', args, {
    ...rest,
    reject: false,
    maxBuffer: 1 << 28,
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
  });
  return { code: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr };
}

/** The same, for a call that has to work. */
export async function dockerOk(args: string[], options: Parameters<typeof docker>[1] = {}): Promise<string> {
  const { code, stdout, stderr } = await docker(args, options);
  if (code !== 0)
    throw new Error(`docker ${args.slice(0, 2).join(' ')} ended with ${code}\n${stdout}\n${stderr}`);
  return stdout;
}

/** A container of a stack, as `docker inspect` tells it. */
export interface Inspected {
  Id: string;
  Path: string;
  Args: string[];
  Image: string;
  State: {
    Status: string;
    StartedAt: string;
    FinishedAt: string;
    ExitCode: number;
    Health?: { Log: { End: string; ExitCode: number }[] };
  };
  Config: {
    Cmd: string[] | null;
    Entrypoint: string[] | null;
    Env: string[];
    Labels: Record<string, string>;
    Image: string;
  };
  NetworkSettings: { Networks: Record<string, { IPAddress: string }> };
}

/** The containers of the stack in a project folder, by `service-number`, whatever their state. */
export async function containersOf(folder: string): Promise<Map<string, Inspected>> {
  const ids = (
    await dockerOk([
      'ps',
      '--all',
      '--quiet',
      '--no-trunc',
      '--filter',
      `label=com.docker.compose.project.working_dir=${folder}`,
    ])
  )
    .split('\n')
    .filter(Boolean);
  if (ids.length === 0) return new Map();
  const inspected = JSON.parse(await dockerOk(['inspect', ...ids])) as Inspected[];
  const name = ({ Config: { Labels } }: Inspected) =>
    `${Labels['com.docker.compose.service']}-${Labels['com.docker.compose.container-number']}`;
  return new Map(inspected.map((one) => [name(one), one] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** `service-number` → id, without the one-shot: Compose starts that one again at every `up`. */
export function idsOf(containers: Map<string, Inspected>): Record<string, string> {
  return Object.fromEntries(
    [...containers].filter(([name]) => !name.startsWith('airflow-init')).map(([name, one]) => [name, one.Id]),
  );
}

/** `service-number id start` of each container: the same again when nothing was touched. */
export function startsOf(containers: Map<string, Inspected>): string[] {
  return [...containers].map(([name, one]) => `${name} ${one.Id} ${one.State.StartedAt}`);
}

/** Which containers are not the same any more. */
export function replaced(before: Map<string, Inspected>, after: Map<string, Inspected>): string[] {
  const old = idsOf(before);
  return Object.entries(idsOf(after)).flatMap(([name, id]) => (old[name] === id ? [] : [name]));
}

/** Asks until the answer is there; throws with the last one after `seconds`. */
export async function until<T>(
  ask: () => Promise<T>,
  isRight: (answer: T) => boolean,
  seconds = 60,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
