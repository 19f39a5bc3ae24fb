import { brokenFiles, ownAnswer, placeOf } from '../../airflow/dags/dags.js';
import { openProject } from '../../stack/open.js';
import { type CommandModule, examples } from '../command.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    examples(command, { 'gather dags errors': 'file, line and trace; ends with 1 when there are any' });
  },

  async run(context) {
    const open = openProject(context.folder, context.home);
    const broken = await ownAnswer(open, context.signal, brokenFiles);
    const text = broken.map((one) =>
      [`${placeOf(one)}: ${one.message}`, ...one.trace.map((line) => `    ${line}`)].join('\n'),
    );
    return {
      data: broken,
      text: text.join('\n') || 'every file of DAGs imports',
      exitCode: broken.length ? 1 : 0,
    };
  },
};
