import { join, relative, resolve, sep } from 'node:path';
import { engineForKeyRotation, FERNET_KEY, rotateFernetKey } from '../airflow/rotate-fernet.js';
import { GatherError } from '../output/errors.js';
import { findProject, foldersOf } from '../project/project.js';
import { init } from '../setup/init.js';
import { type OpenProject, openProject } from '../stack/open.js';
import { assertNothingLost } from '../stack/owner/nothing-lost.js';
import { type CommandModule, collect, examples, writing } from './command.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    command
      .option('--topology <name>', 'the platform to mirror (gather topologies lists them)')
      .option('--airflow <version>', "Airflow's version, such as 2.11.2; 3 is the newest of that line")
      .option(
        '--component <name>',
        'a further component, such as external-postgres (may be repeated)',
        collect,
      )
      .option('--set <NAME=VALUE>', 'the value of a variable (may be repeated)', collect)
      .option(
        '--rotate <NAME>',
        'make a secret anew, and all that follows from it (may be repeated)',
        collect,
      )
      .option('--derive <NAME>', 'compute a value that was changed by hand from the others again', collect);
    examples(command, {
      'gather init': 'asks one question after the other',
      'gather init --yes': 'takes every default; what .env holds stays',
      'gather init --yes --set PROXY_PORT=8088': 'changes one value and what follows from it',
      'gather init --yes --rotate AF_PASS': 'a new password for Airflow in its database',
    });
  },

  async run(context, _args, options) {
    const { folder, above } = placeOf(resolve(context.folder));
    const { Interview } = context.interactive ? await import('../setup/ask.js') : { Interview: undefined };
    const rotate = new Set(options.rotate as string[] | undefined);
    const request = {
      folder,
      compose: join(context.home, 'compose'),
      examples: context.home,
      topology: options.topology as string | undefined,
      airflow: options.airflow as string | undefined,
      components: options.component as string[] | undefined,
      set: assignments((options.set as string[] | undefined) ?? []),
      rotate,
      rederive: new Set(options.derive as string[] | undefined),
      ...writing(context),
      interview: Interview && new Interview((text) => process.stderr.write(text), context.signal),
    };
    await assertNothingLost(folder, context.signal, request.set.get('COMPOSE_PROJECT_NAME'));
    const engine = rotate.has(FERNET_KEY)
      ? await engineForKeyRotation(folder, context.home, context.signal)
      : undefined;
    if (engine) rotate.delete(FERNET_KEY);
    const report = await init(request);
    if (rotate.size) report.notes.push(...effects(openProject(folder, context.home), rotate));
    if (above) report.notes.push(`${above} is a project, too; this is another one, in a folder of it`);
    if (engine) {
      await rotateFernetKey({
        folder,
        home: context.home,
        engine,
        report: context.output,
        signal: context.signal,
      });
      report.variables.push({ name: FERNET_KEY, origin: 'rotated' });
      report.notes.push(
        'stored values are encrypted with the new Fernet key: `gather up` takes the old one from the services',
      );
    }
    const text = [
      `${report.topology} with Airflow ${report.airflow} in ${report.folder}`,
      ...(report.files.length ? [`written: ${report.files.join(', ')}`] : ['everything was up to date']),
      ...report.notes.map((note) => `note: ${note}`),
      'next: gather up',
    ];
    return { data: report, text: text.join('\n') };
  },
};

/** In a folder of a project (its dags/, say) that project is meant; anywhere else below one, a new one is. */
function placeOf(here: string): { folder: string; above?: string } {
  const above = findProject(join(here, '..'));
  if (!above || findProject(here) === here) return { folder: here };
  const [first = ''] = relative(above, here).split(sep);
  return foldersOf(above).includes(first) ? { folder: above } : { folder: here, above };
}

function assignments(list: string[]): Map<string, string> {
  return new Map(
    list.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new GatherError('USAGE', `--set ${text}: must be NAME=VALUE`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** What a new secret breaks until something else is done, as the component says that declares it. */
function effects({ blueprint }: OpenProject, rotate: Set<string>): string[] {
  const says: Record<string, string> = Object.assign(
    {},
    ...blueprint.components.map(({ rotation }) => rotation),
  );
  return [...rotate].flatMap((name) => says[name] ?? []);
}
