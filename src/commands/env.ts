import { join } from 'node:path';
import { isSecret } from '../catalog/is-secret.js';
import { GatherError } from '../output/errors.js';
import { writeAtomic } from '../project/files.js';
import { nearest } from '../project/nearest.js';
import { FILES } from '../project/project.js';
import { init } from '../setup/init.js';
import { staleFiles, writeStale } from '../setup/render.js';
import { openProject } from '../stack/open.js';
import { type CommandModule, type Context, examples } from './command.js';
import { readStdin } from './stdin.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    command.argument('[action]', 'list, get, set or unset', 'list').argument('[name]').argument('[value]');
    examples(command, {
      'gather env list': 'every variable; secrets are not shown',
      'gather env get AF_PASS': 'one value, also of a secret',
      'gather env set PROXY_PORT 8088': 'one value, and what follows from it',
      'gather env set AF_PASS < file': 'a secret comes from stdin, not from the command line',
      'gather env unset PG_PASS': 'takes one out, as going to production wants it',
    });
  },

  async run(context, [action = 'list', name, value]) {
    switch (action) {
      case 'list':
        return list(context);
      case 'get':
        return get(context, needed(name));
      case 'set':
        return set(context, needed(name), value);
      case 'unset':
        return unset(context, needed(name));
      default:
        throw new GatherError('USAGE', `gather env ${action}: must be list, get, set or unset`);
    }
  },
};

function needed(name: string | undefined): string {
  if (!name) throw new GatherError('USAGE', 'which variable?', { hints: ['gather env list'] });
  return name;
}

function list(context: Context) {
  const { project, blueprint } = openProject(context.folder, context.home);
  const declared = blueprint.variables.map((variable) => variable.name);
  const names = [...new Set([...project.env.names(), ...declared])];
  const rows = names.map((name) => {
    const value = project.env.get(name);
    const secret = isSecret(name, blueprint.variables);
    return { name, set: value !== undefined, secret, ...(secret ? {} : { value: value ?? '' }) };
  });
  const text = rows.map(
    (row) =>
      `${row.name}=${row.secret ? (row.set ? '***' : '') : row.value}${row.set ? '' : '  (not in .env)'}`,
  );
  return { data: rows, text: text.join('\n') };
}

function get(context: Context, name: string) {
  const { project } = openProject(context.folder, context.home);
  const value = project.env.get(name);
  if (value !== undefined) return { data: { name, value }, text: value };
  throw unknownName(name, project.env.names());
}

function unset(context: Context, name: string) {
  const { project, blueprint } = openProject(context.folder, context.home);
  if (!project.env.delete(name)) throw unknownName(name, project.env.names());
  writeAtomic(join(project.folder, FILES.env), project.env.toString(), { mode: 0o600 });
  const stale = staleFiles(project, blueprint).filter((one) => one.why !== 'changed by hand');
  writeStale(project, stale);
  return { data: { name }, text: `${name} is no longer in .env; gather up applies it` };
}

function unknownName(name: string, names: string[]): GatherError {
  const near = nearest(name, names);
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
  });
  const names = report.variables.map((one) => one.name);
  return {
    data: report,
    text: names.length ? `set: ${names.join(', ')}; gather up applies it` : `${name} had that value already`,
  };
}

async function askedValue(context: Context): Promise<string> {
  if (context.interactive) {
    const { Interview } = await import('../setup/ask.js');
    return new Interview(() => {}).text('Value', '', true);
  }
  return (await readStdin()).replace(/\r?\n$/, '');
}
