import { engineNotFound, findEngine } from '../engine/discover.js';
import { GatherError } from '../output/errors.js';
import type { Result } from '../output/output.js';
import { type CommandModule, type Context, examples } from './command.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    command.argument('[action]', 'start, stop, status or env', 'status');
    examples(command, {
      'gather engine': 'which engine answers, and where it was looked for',
      'gather engine start': 'a private Docker Engine, on Linux as root',
      'gather engine stop': 'stops it, and every container in it',
      'eval "$(gather engine env)"': 'docker and docker compose by hand in this shell',
    });
  },

  async run(context, [action = 'status']) {
    const actions: Record<string, (context: Context) => Promise<Result>> = { start, stop, status, env };
    const chosen = actions[action];
    if (!chosen)
      throw new GatherError('USAGE', `gather engine ${action}: must be ${Object.keys(actions).join(', ')}`);
    return chosen(context);
  },
};

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
