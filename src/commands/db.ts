import { GatherError } from '../output/errors.js';
import { openProject } from '../stack/open.js';
import { initBundledDatabase, initExternalDatabase, isBundled } from '../stack/state/database.js';
import { type CommandGroup, type CommandModule, type Context, examples } from './command.js';
import { readStdin } from './stdin.js';

export const { configure, commands }: CommandGroup = {
  configure(command) {
    examples(command, { 'gather db init': 'the databases that the stack needs' });
  },
  commands: {
    init: { summary: 'make the role, the database and the grants, or mend them', load: () => initDatabase },
  },
};

const initDatabase: CommandModule = {
  configure(command) {
    examples(command, {
      'gather db init':
        'asks for the address of an administrator where the PostgreSQL is your own; it is stored nowhere',
      'gather db init < url.txt':
        'takes that address from a file, such as postgresql://admin:password@host:5432/postgres',
    });
  },

  async run(context) {
    const open = openProject(context.folder, context.home);
    const done = isBundled(open)
      ? await initBundledDatabase(open, context.signal)
      : await initExternalDatabase(open, await adminUrl(context), context.signal);
    return { data: { databases: done }, text: `role and database are as .env says: ${done.join(', ')}` };
  },
};

async function adminUrl(context: Context): Promise<string> {
  if (process.env.GATHER_ADMIN_URL) return process.env.GATHER_ADMIN_URL;
  if (context.interactive) {
    const { Interview } = await import('../setup/ask.js');
    return new Interview(() => {}, context.signal).text(
      'URL of an administrator (postgresql://user:password@host:5432/postgres); it is not stored',
      '',
      true,
    );
  }
  const url = (await readStdin()).trim();
  if (url) return url;
  throw new GatherError('NEEDS_YES', 'the address of an administrator is needed', {
    hints: ['gather db init < file-with-the-url', 'GATHER_ADMIN_URL=… gather db init'],
  });
}
