import { basename, join, resolve } from 'node:path';
import { isSecret, shownValue } from '../catalog/is-secret.js';
import { rows } from '../output/columns.js';
import { GatherError } from '../output/errors.js';
import { nearest } from '../output/nearest.js';
import { EnvFile } from '../project/dotenv.js';
import { compareEnv } from '../project/env-diff.js';
import { readIfThere } from '../project/files.js';
import { FILES, loadProject } from '../project/project.js';
import { changeProject } from '../project/transaction.js';
import { init } from '../setup/init.js';
import { staleFiles, writeStale } from '../setup/write-generated.js';
import { openProject } from '../stack/open.js';
import { type CommandGroup, type CommandModule, type Context, examples, writing } from './command.js';
import { readStdin } from './stdin.js';

export const { configure, commands, byDefault }: CommandGroup = {
  configure(command) {
    examples(command, {
      'gather env': 'the same as gather env list',
      'gather env set PROXY_PORT 8088': 'one value, and what follows from it',
    });
  },
  byDefault: 'list',
  commands: {
    list: { summary: 'every variable; secrets are not shown', load: () => listing },
    get: { summary: 'one value, also of a secret', load: () => getting },
    set: { summary: 'give one a value, and what follows from it', load: () => setting },
    unset: { summary: 'take one out of .env', load: () => unsetting },
    diff: { summary: 'compare .env with that of another environment', load: () => comparing },
  },
};

const listing: CommandModule = {
  configure: (command) => examples(command, { 'gather env list': 'NAME=value, and what is not in .env yet' }),
  run: async (context) => list(context),
};

const getting: CommandModule = {
  configure(command) {
    command.argument('<name>');
    examples(command, { 'gather env get AF_PASS': 'one value, also of a secret' });
  },
  run: async (context, [name = '']) => get(context, name),
};

const setting: CommandModule = {
  configure(command) {
    command.argument('<name>').argument('[value]', 'asked for, or taken from stdin, when it is not here');
    examples(command, {
      'gather env set PROXY_PORT 8088': 'one value, and what follows from it',
      'gather env set AF_PASS < file': 'a secret comes from stdin, not from the command line',
    });
  },
  run: (context, [name = '', value]) => set(context, name, value),
};

const unsetting: CommandModule = {
  configure(command) {
    command.argument('<name>');
    examples(command, { 'gather env unset PG_PASS': 'takes one out, as going to production wants it' });
  },
  run: async (context, [name = '']) => unset(context, name),
};

const comparing: CommandModule = {
  configure(command) {
    command.requiredOption('--against <file>', 'the env file of another environment');
    examples(command, {
      'gather env diff --against preprod.env':
        'names that are missing or differ, never a value; ends with 1 when there are any',
    });
  },
  run: async (context, _args, { against }) => diff(context, String(against)),
};

function list(context: Context) {
  const { project, blueprint } = openProject(context.folder, context.home);
  const declared = blueprint.variables.map((variable) => variable.name);
  const names = [...new Set([...project.env.names(), ...declared])];
  const variables = names.map((name) => {
    const value = project.env.get(name);
    const secret = isSecret(name, blueprint.variables);
    const shown = value === undefined ? '' : shownValue(name, value, blueprint.variables);
    return { name, set: value !== undefined, secret, shown };
  });
  const text = variables.map((row) => `${row.name}=${row.shown}${row.set ? '' : '  (not in .env)'}`);
  const data = variables.map(({ shown, ...row }) => (row.secret ? row : { ...row, value: shown }));
  return { data, text: text.join('\n') };
}

function get(context: Context, name: string) {
  const { project } = openProject(context.folder, context.home);
  const value = project.env.get(name);
  if (value !== undefined) return { data: { name, value }, text: value };
  throw unknownName(name, nearest(name, project.env.names()));
}

async function unset(context: Context, name: string) {
  const { folder } = openProject(context.folder, context.home).project;
  await changeProject(folder, writing(context), (draft) => {
    // to take out another one in its place destroys what it had
    if (!draft.env.delete(name)) throw unknownName(name);
    draft.save();
    const { project, blueprint } = openProject(folder, context.home);
    writeStale(
      project,
      staleFiles(project, blueprint).filter((one) => one.why !== 'changed by hand'),
    );
  });
  return { data: { name }, text: `${name} is no longer in .env; gather up applies it` };
}

/** As `diff` does: exit code 1 when the two are not the same. */
function diff(context: Context, against: string) {
  const project = loadProject(context.folder);
  const here = join(project.folder, FILES.env);
  const there = resolve(context.folder, against);
  if (!project.hasEnv)
    throw new GatherError('FILE_FAILED', `there is no ${here}`, { hints: ['gather init'] });
  const text = readIfThere(there);
  if (text === undefined) throw new GatherError('FILE_FAILED', `there is no ${there}`);
  const differences = compareEnv(project.env, EnvFile.parse(text, there));
  const title = { here: FILES.env, there: basename(there) };
  const table = differences.map(({ name, how, line }) => {
    const places = (['here', 'there'] as const).flatMap((side) =>
      line[side] === null ? [] : [`${title[side]}:${line[side]}`],
    );
    return [how, name, `(${places.join(', ')})`];
  });
  return {
    data: { here, there, same: table.length === 0, differences },
    text: rows(table).join('\n') || `${title.here} and ${title.there} set the same names to the same values`,
    exitCode: table.length ? 1 : 0,
  };
}

function unknownName(name: string, near?: string): GatherError {
  return new GatherError('VARIABLE_INVALID', `.env has no ${name}${near ? `; did you mean ${near}?` : ''}`, {
    hints: ['gather env list'],
  });
}

async function set(context: Context, name: string, value: string | undefined) {
  const { project, blueprint } = openProject(context.folder, context.home);
  if (value !== undefined && isSecret(name, blueprint.variables))
    throw new GatherError(
      'USAGE',
      `${name} is a secret: other users of this machine can read a command line`,
      {
        hints: [`gather env set ${name} < file`, `printf %s "$VALUE" | gather env set ${name}`],
      },
    );
  const report = await init({
    folder: project.folder,
    compose: join(context.home, 'compose'),
    examples: context.home,
    set: new Map([[name, value ?? (await askedValue(context))]]),
    rotate: new Set(),
    rederive: new Set(),
    ...writing(context),
  });
  const names = [...report.variables.map((one) => one.name), ...report.own];
  return {
    data: report,
    text: names.length ? `set: ${names.join(', ')}; gather up applies it` : `${name} had that value already`,
  };
}

async function askedValue(context: Context): Promise<string> {
  if (context.interactive) {
    const { Interview } = await import('../setup/ask.js');
    return new Interview(() => {}, context.signal).text('Value', '', true);
  }
  return (await readStdin()).replace(/\r?\n$/, '');
}
