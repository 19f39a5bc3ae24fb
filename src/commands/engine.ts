import { engineNotFound, findEngine } from '../engine/discover.js';
import type { Result } from '../output/output.js';
import { type CommandGroup, type CommandModule, type Context, examples } from './command.js';

export const { configure, commands, byDefault }: CommandGroup = {
  configure(command) {
    examples(command, {
      'gather engine': 'the same as gather engine status',
      'gather engine start': 'a private Docker Engine, on Linux as root',
    });
  },
  byDefault: 'status',
  commands: {
    start: {
      summary: 'start a private Docker Engine',
      load: () =>
        without(start, { 'gather engine start': 'installs it first where need be; on Linux, as root' }),
    },
    stop: {
      summary: 'stop the private one, and every container in it',
      load: () => without(stop, { 'gather engine stop': 'its images and volumes stay' }),
    },
    status: {
      summary: 'which engine answers, and where it was looked for',
      load: () => without(status, { 'gather engine status': 'exit code 1 when none answers' }),
    },
    env: {
      summary: 'docker and docker compose by hand in a shell',
      load: () => without(env, { 'eval "$(gather engine env)"': 'they talk to the engine that gather uses' }),
    },
  },
};

/** None of them has arguments or options. */
function without(run: CommandModule['run'], lines: Record<string, string>): CommandModule {
  return { configure: (command) => examples(command, lines), run };
}

async function start({ output, signal }: Context): Promise<Result> {
  const { startManaged } = await import('../engine/managed/daemon.js');
  const tell = (text: string) => output.event({ type: 'progress', subject: 'engine', text });
  const engine = await startManaged(tell, signal);
  return {
    data: { host: engine.host, version: engine.version },
    text: `Docker Engine ${engine.version} answers at ${engine.host}`,
  };
}

async function stop(): Promise<Result> {
  const { stopManaged } = await import('../engine/managed/stop.js');
  const stopped = await stopManaged();
  return {
    data: { stopped },
    text: stopped
      ? 'the managed engine has stopped; its images and volumes stay'
      : 'the managed engine did not run',
  };
}

async function status({ signal }: Context): Promise<Result> {
  const { managedStatus } = await import('../engine/managed/status.js');
  const [{ engine, tried }, managed] = await Promise.all([findEngine(signal), managedStatus()]);
  const lines = engine
    ? [
        `Docker Engine ${engine.version} (${engine.kind === 'own' ? 'your own' : 'managed by gather'}) at ${engine.host}`,
        `  Compose ${engine.composeVersion}, buildx ${engine.buildx ?? 'missing'}, ${(engine.memoryBytes / 1024 ** 3).toFixed(1)} GiB of memory, ${engine.cpus} processors`,
      ]
    : ['no Docker Engine answers', ...tried.map((one) => `  ${one.source} (${one.host}): ${one.problem}`)];
  const own = managed.installed
    ? `the managed engine is installed${managed.running ? ' and runs' : ', and does not run'}`
    : 'the managed engine is not installed';
  const { env: _, ...facts } = engine ?? { env: {} };
  return {
    data: { engine: engine ? facts : null, tried, managed },
    text: [...lines, own].join('\n'),
    exitCode: engine ? 0 : 1,
  };
}

async function env({ signal }: Context): Promise<Result> {
  const { engine, tried } = await findEngine(signal);
  if (!engine) throw engineNotFound(tried);
  const { shellEnv } = await import('../engine/shell-env.js');
  const { keepPluginConfig } = await import('../engine/plugin-config.js');
  keepPluginConfig();
  return { data: engine.env, text: shellEnv(engine) };
}
