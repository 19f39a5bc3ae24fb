import { rows } from '../output/columns.js';
import { GatherError } from '../output/errors.js';
import type { Result } from '../output/output.js';
import { count } from '../output/text.js';
import { compare, copy, follow, type Moving, remove } from '../stack/objects/commands.js';
import { diffLines, diffSummary } from '../stack/objects/diff.js';
import { placeText, readPlace, readS3Place, type S3Place } from '../stack/objects/place.js';
import { S3Store } from '../stack/objects/store.js';
import { assertOwnAnswers, openProject } from '../stack/open.js';
import { assertYes } from './assert-yes.js';
import { type CommandGroup, type CommandModule, type Context, examples, type Options } from './command.js';

const PLACE = 's3://bucket/key, or a path of this machine';

export const { configure, commands }: CommandGroup = {
  configure(command) {
    examples(command, {
      'gather s3 ls': 'the buckets',
      'gather s3 cp report.csv s3://airflow/in/': 'a file into a folder; the other way round as well',
    });
  },
  commands: {
    ls: { summary: 'the buckets, or what is in one', load: () => listing },
    cp: { summary: 'copy files to, from or between buckets', load: () => copying },
    sync: { summary: 'make a folder like another one', load: () => syncing },
    rm: { summary: 'remove objects', load: () => removing },
  },
};

const listing: CommandModule = {
  configure(command) {
    command.argument('[from]', 's3://bucket/key').option('--recursive', 'all below');
    examples(command, {
      'gather s3 ls': 'the buckets',
      'gather s3 ls s3://airflow/dags/': 'what is in a folder',
    });
  },
  run: (context, [from], options) => list(context, from, options),
};

const copying: CommandModule = {
  configure(command) {
    command.argument('<from>', PLACE).argument('<to>', PLACE).option('--recursive', 'all below');
    examples(command, {
      'gather s3 cp report.csv s3://airflow/in/': 'a file into a folder',
      'gather s3 cp --recursive s3://airflow/in/ in': 'a folder of the bucket onto this machine',
    });
  },
  run: (context, [from = '', to = ''], options) => copyFiles(context, from, to, options),
};

const syncing: CommandModule = {
  configure(command) {
    command
      .argument('<from>', PLACE)
      .argument('<to>', PLACE)
      .option('--delete', 'also remove what only the target has, after a question')
      .option('--dry-run', 'only say what would be done');
    examples(command, {
      'gather s3 sync --delete --dry-run dags s3://airflow/dags':
        'what would make the bucket like the folder',
    });
  },
  run: (context, [from = '', to = ''], options) => sync(context, from, to, options),
};

const removing: CommandModule = {
  configure(command) {
    command
      .argument('<from>', 's3://bucket/key')
      .option('--recursive', 'all below')
      .option('--dry-run', 'only say what would be done');
    examples(command, { 'gather s3 rm --recursive s3://airflow/in/': 'all below, after a question' });
  },
  run: (context, [from = ''], options) => removeObjects(context, from, options),
};

async function list(context: Context, from: string | undefined, options: Options): Promise<Result> {
  if (!from) {
    const buckets = await (await moving(context)).store.buckets();
    return {
      data: buckets,
      text: buckets.map((name) => `s3://${name}/`).join('\n') || 'there are no buckets',
    };
  }
  const place = readS3Place(from);
  const found = await (await moving(context, place)).store.list(place, options.recursive === true);
  const lines = rows(found.map(({ key, size, modified }) => [modified?.slice(0, 19), size, key]));
  return { data: found, text: lines.join('\n') || `there is nothing in ${from}` };
}

async function copyFiles(context: Context, from: string, to: string, options: Options): Promise<Result> {
  const [source, target] = [readPlace(from), readPlace(to)];
  const done = await copy(await moving(context, source, target), source, target, options.recursive === true);
  return { data: done, text: done.map((one) => `${one.from} → ${one.to}`).join('\n') };
}

async function sync(context: Context, from: string, to: string, options: Options): Promise<Result> {
  const [source, target] = [readPlace(from), readPlace(to)];
  const at = await moving(context, source, target);
  const diff = await compare(at, source, target);
  if (options.delete !== true) diff.deleted = [];
  if (options.dryRun) return { data: diff, text: diffLines(diff).join('\n') || 'nothing to do' };
  const { length } = diff.deleted;
  if (length > 0)
    await assertYes(
      context,
      `Remove ${count(length, 'file')} from ${placeText(target)}?`,
      'nothing was synchronized',
      {
        details: diff.deleted.map((path) => `- ${path}`),
        hints: [`gather s3 sync --delete --yes ${from} ${to}`],
      },
    );
  await follow(at, source, target, diff);
  return { data: diff, text: `${placeText(target)}: ${diffSummary(diff)}` };
}

async function removeObjects(context: Context, from: string, options: Options): Promise<Result> {
  const place = readS3Place(from);
  const recursive = options.recursive === true;
  if (!recursive && (place.key === '' || place.key.endsWith('/')))
    throw new GatherError('USAGE', `${from} is a folder`, { hints: [`gather s3 rm --recursive ${from}`] });
  const at = await moving(context, place);
  if (recursive && !options.dryRun && !context.yes) {
    const { length } = await remove(at, place, true, true);
    await assertYes(
      context,
      `Remove ${length} objects below ${from}?`,
      `the ${length} objects below ${from} were not removed`,
      { hints: [`gather s3 rm --recursive --yes ${from}`] },
    );
  }
  const gone = await remove(at, place, recursive, options.dryRun === true);
  const what = options.dryRun ? 'would be removed' : 'removed';
  return { data: gone, text: gone.map((one) => `${what}: ${one}`).join('\n') };
}

async function moving(context: Context, ...places: { kind: string }[]): Promise<Moving> {
  const place = places.find((one) => one.kind === 's3') as S3Place | undefined;
  const open = openProject(context.folder, context.home);
  await assertOwnAnswers(open, context.signal);
  const { output: report, signal } = context;
  const store = await S3Store.open(open, { bucket: place?.bucket, signal });
  return { store, report, signal };
}
