import { GatherError } from '../output/errors.js';
import { requireProject } from '../project/project.js';
import { changeProject } from '../project/transaction.js';
import { staleFiles, writeStale } from '../setup/write-generated.js';
import { openProject } from '../stack/open.js';
import { type CommandModule, examples, writing } from './command.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    command
      .option('--check', 'write nothing; fail when a file is out of date')
      .option('--force', 'write anew what was changed by hand, too');
    examples(command, {
      'gather render': 'after a change of gather.yaml or of a component',
      'gather render --check': 'in CI: are the committed files what gather.yaml says?',
    });
  },

  async run(context, _args, options) {
    if (options.check) {
      const { project, blueprint } = openProject(context.folder, context.home);
      const stale = staleFiles(project, blueprint);
      if (stale.length === 0) return { data: { stale: [] }, text: 'every generated file is up to date' };
      throw new GatherError('OUT_OF_DATE', 'generated files are not what gather.yaml says', {
        details: stale.map((one) => `${one.file.path}: ${one.why}`),
        hints: ['gather render'],
      });
    }
    // a thousand components take a second to read: once, and that under the lock
    const rewritten = await changeProject(requireProject(context.folder), writing(context), (draft) => {
      const { project, blueprint } = openProject(draft.folder, context.home);
      return writeStale(project, staleFiles(project, blueprint), options.force === true);
    });
    const lines = Object.entries(rewritten).flatMap(([what, paths]) =>
      paths.length ? [`${what}: ${paths.join(', ')}`] : [],
    );
    return { data: rewritten, text: lines.join('\n') || 'every generated file was up to date' };
  },
};
