import { join, resolve } from 'node:path';
import { GatherError } from '../output/errors.js';
import { findProject, loadProject } from '../project/project.js';
import { init } from '../setup/init.js';
import { offerEngine } from '../stack/ensure-engine.js';
import { missingVariables } from '../stack/missing.js';
import { openProject } from '../stack/open.js';
import { profilesInUse } from '../stack/profiles.js';
import { type UpReport, up } from '../stack/up.js';
import { type CommandModule, type Context, collect, examples } from './command.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    command
      .option('--profile <name>', 'start the services of a Compose profile, too (may be repeated)', collect)
      .option('--timeout <seconds>', 'how long to wait until the stack is usable', '120');
    examples(command, {
      'gather up': 'starts what does not run, and waits until it is usable',
      'gather up --yes': 'also makes .env, and starts a private Docker Engine where none answers',
      'gather up --profile flower': 'with Flower',
    });
  },

  async run(context, _args, options) {
    const timeout = Number(options.timeout);
    if (!(timeout > 0))
      throw new GatherError('USAGE', `--timeout ${options.timeout}: must be a number of seconds`);
    await initIfNeeded(context);
    const open = openProject(context.folder, context.home);
    const wanted = (options.profile as string[] | undefined) ?? [];
    const profiles = profilesInUse(open.project, open.blueprint, wanted);
    const offer = await offerEngine((question) => agree(context, question), context.output);
    const report = await up({
      open,
      home: context.home,
      engine: offer.engine,
      engineIsSlow: offer.isSlow,
      profiles,
      timeout,
      report: context.output,
      signal: context.signal,
    });
    return { data: report, text: textOf(report) };
  },
};

async function initIfNeeded(context: Context): Promise<void> {
  const folder = findProject(context.folder);
  const missing = folder ? missingVariables(openProject(folder, context.home)) : undefined;
  if (missing?.length === 0) return;
  const what = !missing
    ? `There is no project in ${resolve(context.folder)}.`
    : loadProject(folder ?? '').hasEnv
      ? `.env lacks ${missing.join(', ')}.`
      : 'There is no .env yet.';
  if (!(await agree(context, `${what} Make it with the defaults?`)))
    throw new GatherError('NEEDS_YES', what, {
      hints: ['gather init asks for each value', 'gather up --yes takes the defaults'],
    });
  const report = await init({
    folder: folder ?? resolve(context.folder),
    compose: join(context.home, 'compose'),
    examples: context.home,
    set: new Map(),
    rotate: new Set(),
    rederive: new Set(),
  });
  for (const note of report.notes) context.output.event({ type: 'note', text: note });
  context.output.event({ type: 'note', text: `init: ${report.files.join(', ')}` });
}

async function agree(context: Context, question: string): Promise<boolean> {
  if (context.yes) return true;
  if (!context.interactive) return false;
  const { confirm } = await import('../setup/ask.js');
  return confirm(question, true);
}

function textOf(report: UpReport): string {
  const title = report.changed ? 'The stack is usable.' : 'The stack is usable; nothing had to change.';
  const longest = Math.max(0, ...Object.keys(report.links).map((name) => name.length));
  const links = Object.entries(report.links).map(([name, url]) => `  ${name.padEnd(longest)}  ${url}`);
  const login = report.login
    ? [`  login: ${report.login.username}; its password: gather env get ${report.login.passwordVariable}`]
    : [];
  const phases = Object.entries(report.seconds).map(([name, seconds]) => `${name} ${seconds.toFixed(1)} s`);
  return [title, ...links, ...login, `  took: ${phases.join(', ')}`].join('\n');
}
