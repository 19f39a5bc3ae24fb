import { join, resolve } from 'node:path';
import { stackName } from '../engine/compose.js';
import { rows } from '../output/columns.js';
import { GatherError } from '../output/errors.js';
import type { Result } from '../output/output.js';
import { orFileFailed, writeAtomic } from '../project/files.js';
import { findProject } from '../project/project.js';
import { isBehind } from '../setup/applied-choices.js';
import { init } from '../setup/init.js';
import { type DifferenceRow, differencesOf } from '../stack/differs.js';
import { offerEngine } from '../stack/ensure-engine.js';
import { leftOut, rememberLeftOut } from '../stack/left-out.js';
import { missingVariables } from '../stack/missing-variables.js';
import { launcherHere } from '../stack/observe/launcher.js';
import { checkKnownProfiles, type OpenProject, openProject } from '../stack/open.js';
import { assertNothingLost } from '../stack/owner/nothing-lost.js';
import { profilesInUse } from '../stack/profiles.js';
import { readBootRecord } from '../stack/up/boot-record.js';
import { inTurn } from '../stack/up/lock.js';
import { timelineHtml } from '../stack/up/timeline.js';
import { type UpReport, up } from '../stack/up/up.js';
import { waterfall } from '../stack/up/waterfall.js';
import { type CommandModule, type Context, collect, examples, writing } from './command.js';
import { launcherText } from './launcher-text.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    command
      .option('--profile <name>', 'start the services of a Compose profile, too (may be repeated)', collect)
      .option('--without <part>', 'leave out a part that others do not need (may be repeated)', collect)
      .option('--timeout <seconds>', 'how long to wait until the stack is usable', '120')
      .option('--timeline <file>', 'write an HTML page of where the time of this boot went')
      .option(
        '--explain',
        'start nothing: list what differs from production, and what of Airflow is changed',
      );
    examples(command, {
      'gather up': 'starts what does not run, and waits until it is usable',
      'gather up --yes': 'also makes .env, and starts a private Docker Engine where none answers',
      'gather up --profile flower': 'with Flower',
      'gather up --without proxy': 'without that part; the next gather up brings it back',
      'gather up --timeline boot.html': 'where the time went, for a browser',
    });
  },

  async run(context, _args, options) {
    const timeout = Number(options.timeout);
    if (!(timeout > 0))
      throw new GatherError('USAGE', `--timeout ${options.timeout}: must be a number of seconds`);
    const wanted = (options.profile as string[] | undefined) ?? [];
    if (options.explain) {
      const open = openProject(context.folder, context.home);
      checkKnownProfiles(open, wanted);
      const differences = differencesOf(open);
      const launcher = await launcherHere(open, context.signal);
      const text = [differencesText(differences), '', ...launcherText(launcher)].join('\n');
      return { data: { differences, launcher }, text };
    }
    const open = await completeProject(context);
    const before = readBootRecord(open.project.folder)?.started;
    checkKnownProfiles(open, wanted);
    const profiles = profilesInUse(open.project, wanted);
    const without = leftOut(open.blueprint, (options.without as string[] | undefined) ?? []);
    for (const text of without.missing) context.output.event({ type: 'note', text });
    rememberLeftOut(open.project.folder, without.components);
    const offer = await offerEngine((question) => agree(context, question), context.output, context.signal);
    const booting = up({
      open,
      home: context.home,
      engine: offer.engine,
      engineIsSlow: offer.isSlow,
      profiles,
      without,
      timeout,
      report: context.output,
      signal: context.signal,
      agree: (question) => agree(context, question),
    });
    const timeline = options.timeline as string | undefined;
    if (!timeline) return done(await booting);
    // also of a boot that failed: that is when one wants to see it
    const report = await booting.catch((error: unknown) => {
      writeFailedTimeline(open, timeline, before, context);
      throw error;
    });
    writeTimeline(open, timeline, before, context);
    return done(report);
  },
};

/** The project with a value for each variable that it needs, made with the defaults where there is none and the person agrees. */
async function completeProject(context: Context): Promise<OpenProject> {
  const folder = findProject(context.folder);
  const open = folder ? openProject(folder, context.home) : undefined;
  const missing = open ? missingVariables(open) : [];
  // whoever edited gather.yaml: what gather wrote into .env for the stack as it was follows by itself
  const isFollowed = open !== undefined && missing.length === 0;
  if (isFollowed && !isBehind(open.project)) return open;
  const what = !open
    ? `There is no project in ${resolve(context.folder)}.`
    : open.project.hasEnv
      ? `.env lacks ${missing.join(', ')}.`
      : 'There is no .env yet.';
  const place = folder ?? resolve(context.folder);
  await assertNothingLost(place, context.signal);
  if (!isFollowed && !(await agree(context, `${what} Make it with the defaults?`)))
    throw new GatherError('NEEDS_YES', what, {
      hints: ['gather init asks for each value', 'gather up --yes takes the defaults'],
    });
  return inTurn(place, context.output, context.signal, async () => {
    // one that was called at the same moment may have made it: new secrets now would not be those of its stack
    const made = findProject(place) ? openProject(place, context.home) : undefined;
    if (made && missingVariables(made).length === 0 && !isBehind(made.project)) return made;
    const report = await init({
      folder: place,
      compose: join(context.home, 'compose'),
      examples: context.home,
      set: new Map(),
      rotate: new Set(),
      rederive: new Set(),
      ...writing(context),
    });
    for (const note of report.notes) context.output.event({ type: 'note', text: note });
    context.output.event({ type: 'note', text: `init: ${report.files.join(', ')}` });
    return openProject(context.folder, context.home);
  });
}

function done(report: UpReport): Result {
  return { data: report, text: textOf(report) };
}

/** Whatever goes wrong here is a warning: why the boot failed is what has to be said. */
function writeFailedTimeline(
  open: OpenProject,
  file: string,
  before: string | undefined,
  context: Context,
): void {
  const warn = (text: string) => context.output.event({ type: 'warning', text });
  if (readBootRecord(open.project.folder)?.started === before) {
    warn(`${file} is not written: it failed before anything was started`);
    return;
  }
  try {
    writeTimeline(open, file, before, context);
  } catch (error) {
    warn((error as Error).message);
  }
}

function writeTimeline(
  { project }: OpenProject,
  file: string,
  before: string | undefined,
  { output }: Context,
): void {
  const record = readBootRecord(project.folder);
  if (!record) {
    output.event({ type: 'warning', text: `${file} is not written: this stack was never booted from here` });
    return;
  }
  if (record.started === before)
    output.event({ type: 'note', text: 'nothing had to be booted: the timeline is of the last boot' });
  orFileFailed('write', file, () => writeAtomic(resolve(file), timelineHtml(record, stackName(project))));
  output.event({ type: 'note', text: `timeline: ${file}` });
}

function differencesText(differences: DifferenceRow[]): string {
  const table = differences.map((row) => [row.setting, row.here, row.production, row.why]);
  return rows([['setting', 'here', 'production', 'why'], ...table]).join('\n');
}

async function agree(context: Context, question: string): Promise<boolean> {
  if (context.yes) return true;
  if (!context.interactive) return false;
  const { confirm } = await import('../setup/ask.js');
  return confirm(question, context.signal, true);
}

function textOf(report: UpReport): string {
  const title = report.changed ? 'The stack is usable.' : 'The stack is usable; nothing had to change.';
  const links = rows(Object.entries(report.links), '  ');
  const login = report.login
    ? [`  login: ${report.login.username}; its password: gather env get ${report.login.passwordVariable}`]
    : [];
  const phases = Object.entries(report.seconds).map(([name, seconds]) => `${name} ${seconds.toFixed(1)} s`);
  const bars = report.boot ? ['', waterfall(report.boot, Math.min(process.stdout.columns || 100, 120))] : [];
  return [title, ...links, ...login, `  took: ${phases.join(', ')}`, ...bars].join('\n');
}
