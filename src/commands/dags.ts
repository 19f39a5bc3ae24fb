import { userInfo } from 'node:os';
import { readConf } from '../airflow/dags/conf.js';
import { brokenFiles, ownRestOf, placeOf, webSite } from '../airflow/dags/dags.js';
import { newDag } from '../airflow/dags/new-dag.js';
import { pushDiff, pushEnds } from '../airflow/dags/push.js';
import { followRun, startRun } from '../airflow/dags/run.js';
import { dagEnding } from '../airflow/dags/run-ending.js';
import { dagSource } from '../airflow/dags/source.js';
import { testOneDag } from '../airflow/tests/dag-test.js';
import { GatherError } from '../output/errors.js';
import type { Result } from '../output/output.js';
import { count } from '../output/text.js';
import { follow } from '../stack/objects/commands.js';
import { diffLines, diffSummary } from '../stack/objects/diff.js';
import { placeText } from '../stack/objects/place.js';
import { S3Store } from '../stack/objects/store.js';
import { assertOwnAnswers, openProject } from '../stack/open.js';
import { sinceBoot } from '../stack/up/boot-record.js';
import { assertYes } from './assert-yes.js';
import { type CommandModule, type Context, examples, type Options } from './command.js';

/** So long after a boot Airflow may still be reading its DAG files for the first time. */
const FIRST_READ_MS = 30_000;

export const { configure, run }: CommandModule = {
  configure(command) {
    command
      .argument('[action]', 'list, errors, trigger, test, new or push', 'list')
      .argument('[id]', 'the DAG')
      .option('--conf <json>', 'for trigger and test: what the run is handed, a JSON object')
      .option('--unpause', 'for trigger: switch the DAG on, should it be paused')
      .option('--wait', 'for trigger: wait for the end; exit code 1 when the run failed')
      .option('--logs', 'for trigger: wait, and show what the tasks write')
      .option('--delete', 'for push: also remove from the bucket what is not here, after a question')
      .option('--dry-run', 'for push: only show what is different');
    examples(command, {
      'gather dags': 'the DAGs that Airflow knows',
      'gather dags errors': 'the files that it cannot import; ends with 1 when there are any',
      'gather dags trigger hello_taskflow --conf \'{"name": "Ada"}\' --logs':
        'a run now, and its tasks as they go',
      'gather dags test hello_taskflow':
        'a run in one process, as airflow dags test does it, without workers',
      'gather dags new daily_sales': 'dags/daily_sales.py from a template',
      'gather dags push --dry-run': 'what is different in the bucket; without --dry-run it is uploaded',
    });
  },

  async run(context, [action = 'list', id], options) {
    const actions: Record<string, () => Result | Promise<Result>> = {
      list: () => list(context),
      errors: () => errors(context),
      trigger: () => trigger(context, needed(id, action), options),
      test: () => test(context, needed(id, action), options),
      new: () => create(context, needed(id, action)),
      push: () => push(context, options),
    };
    const chosen = actions[action];
    if (chosen) return chosen();
    throw new GatherError('USAGE', `gather dags ${action}: must be ${Object.keys(actions).join(', ')}`);
  },
};

function needed(id: string | undefined, action: string): string {
  if (id) return id;
  throw new GatherError('USAGE', action === 'new' ? 'what is it to be called?' : 'which DAG?', {
    hints: [action === 'new' ? 'gather dags new daily_sales' : 'gather dags list'],
  });
}

async function list(context: Context): Promise<Result> {
  const open = openProject(context.folder, context.home);
  const rest = await ownRestOf(open, { signal: context.signal });
  const [rows, broken] = await Promise.all([rest.dags(), brokenFiles(rest)]);
  const longest = (texts: string[]) => Math.max(0, ...texts.map((text) => text.length));
  const id = longest(rows.map((row) => row.id));
  const schedule = longest(rows.map((row) => row.schedule ?? '-'));
  const lines = rows.map((row) =>
    [
      row.id.padEnd(id),
      row.isPaused ? 'paused' : 'on    ',
      (row.schedule ?? '-').padEnd(schedule),
      row.file,
    ].join('  '),
  );
  for (const one of broken)
    context.output.event({ type: 'warning', text: `${placeOf(one)} cannot be imported: ${one.message}` });
  return {
    data: { dags: rows, importErrors: broken },
    text: lines.join('\n') || 'Airflow knows no DAG yet: gather dags new NAME makes one',
  };
}

async function errors(context: Context): Promise<Result> {
  const open = openProject(context.folder, context.home);
  const broken = await brokenFiles(await ownRestOf(open, { signal: context.signal }));
  const text = broken.map((one) =>
    [`${placeOf(one)}: ${one.message}`, ...one.trace.map((line) => `    ${line}`)].join('\n'),
  );
  return {
    data: broken,
    text: text.join('\n') || 'every file of DAGs imports',
    exitCode: broken.length ? 1 : 0,
  };
}

async function trigger(context: Context, id: string, options: Options): Promise<Result> {
  const conf = readConf(options.conf as string | undefined);
  const open = openProject(context.folder, context.home);
  const { output: report, signal } = context;
  const rest = await ownRestOf(open, { signal });
  const patienceMs = Math.max(0, FIRST_READ_MS - sinceBoot(open.project.folder));
  const run = await startRun(rest, id, { conf, unpause: options.unpause === true, report, patienceMs });
  const page = rest.runPage(id, run.id, webSite(open));
  if (!options.wait && !options.logs)
    return {
      data: { dag: id, run: run.id, state: run.state, page },
      text: `${id} runs: ${run.id}\n  ${page}`,
    };
  report.event({ type: 'note', text: `${id} runs: ${run.id}` });
  const outcome = await followRun(rest, id, run, { logs: options.logs === true, report, signal });
  return {
    data: { ...outcome, page },
    text: [dagEnding(outcome), ...(outcome.state === 'success' ? [] : [`  ${page}`])].join('\n'),
    exitCode: outcome.state === 'success' ? 0 : 1,
  };
}

async function test(context: Context, id: string, options: Options): Promise<Result> {
  const conf = readConf(options.conf as string | undefined);
  const open = openProject(context.folder, context.home);
  const { home, output: report, signal } = context;
  const { seconds, passed } = await testOneDag(open, { id, conf, home, report, signal });
  const how = passed ? 'succeeded in' : 'FAILED after';
  return {
    data: { dag: id, passed, seconds },
    text: `${id} ${how} ${seconds.toFixed(1)} s`,
    exitCode: passed ? 0 : 1,
  };
}

function create(context: Context, name: string): Result {
  const open = openProject(context.folder, context.home);
  const file = newDag(open, name, userInfo().username);
  const source = dagSource(open);
  const commands = [source.next(`${name}.py`) ?? [], `gather dags trigger ${name} --logs`].flat();
  return {
    data: { dag: name, file },
    text: [`${file} is written; Airflow lists it ${source.when}`, ...commands].join('\n  '),
  };
}

async function push(context: Context, options: Options): Promise<Result> {
  const open = openProject(context.folder, context.home);
  const { from, to } = pushEnds(open);
  await assertOwnAnswers(open, context.signal);
  const store = await S3Store.open(open, to.bucket);
  const diff = await pushDiff(store, from, to);
  const surplus = diff.deleted;
  if (options.delete !== true) diff.deleted = [];
  for (const line of diffLines(diff)) context.output.event({ type: 'note', text: line });
  const kept = surplus.length - diff.deleted.length;
  const text = [
    `${placeText(to)}: ${diffSummary(diff)}`,
    ...(kept ? [`${count(kept, 'file')} only there; --delete removes what is not here`] : []),
  ];
  if (options.dryRun)
    return { data: { to: placeText(to), ...diff }, text: ['not pushed', ...text].join('\n') };
  if (diff.deleted.length > 0) {
    const question = `Remove ${count(diff.deleted.length, 'file')} from ${placeText(to)}?`;
    await assertYes(context, question, 'nothing was pushed', {
      details: diff.deleted.map((path) => `- ${path}`),
      hints: ['gather dags push --delete --yes'],
    });
  }
  // (the lines of the difference have said it)
  const report = { event() {}, close() {} };
  await follow({ store, report, signal: context.signal }, from, to, diff);
  return { data: { to: placeText(to), ...diff }, text: text.join('\n') };
}
