import { join } from 'node:path';
import { GatherError } from '../output/errors.js';
import { nearest } from '../project/nearest.js';
import { init } from '../setup/init.js';
import { openProject } from '../stack/open.js';
import { type CommandModule, type Context, examples } from './command.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    command.argument('[action]', 'list, get or set', 'list').argument('[name]').argument('[value]');
    examples(command, {
      'gather env list': 'every variable; secrets are not shown',
      'gather env get AF_PASS': 'one value, also of a secret',
      'gather env set PROXY_PORT 8088': 'one value, and what follows from it',
      'gather env set AF_PASS < file': 'a secret comes from stdin, not from the command line',
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
      default:
        throw new GatherError('USAGE', `gather env ${action}: must be list, get or set`);
    }
  },
};

function needed(name: string | undefined): string {
  if (!name) throw new GatherError('USAGE', 'which variable?', { hints: ['gather env list'] });
  return name;
}

function list(context: Context) {
  const { project, blueprint } = openProject(context.folder, context.home);
  const known = new Map(blueprint.variables.map((variable) => [variable.name, variable]));
  const names = [...new Set([...project.env.names(), ...known.keys()])];
  const rows = names.map((name) => {
    const variable = known.get(name);
    const value = project.env.get(name);
    // a variable that gather does not know may be a secret of the user's
    const secret = variable ? variable.secret : /PASS|SECRET|TOKEN|KEY|CONN|CREDENTIAL/i.test(name);
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
  const near = nearest(name, project.env.names());
  throw new GatherError('VARIABLE_INVALID', `.env has no ${name}${near ? `; did you mean ${near}?` : ''}`, {
    hints: ['gather env list'],
  });
}

async function set(context: Context, name: string, value: string | undefined) {
  const { project, blueprint } = openProject(context.folder, context.home);
  const secret = blueprint.variables.find((variable) => variable.name === name)?.secret ?? false;
  if (value !== undefined && secret)
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
    set: new Map([[name, value ?? (await readStdin(context))]]),
    rotate: new Set(),
    rederive: new Set(),
  });
  const names = report.variables.map((one) => one.name);
  return {
    data: report,
    text: names.length ? `set: ${names.join(', ')}; gather up applies it` : `${name} had that value already`,
  };
}

async function readStdin(context: Context): Promise<string> {
  if (context.interactive) {
    const { Interview } = await import('../setup/ask.js');
    return new Interview(() => {}).text('Value', '', true);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}
