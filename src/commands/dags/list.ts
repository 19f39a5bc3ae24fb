import { brokenFiles, ownAnswer, placeOf } from '../../airflow/dags/dags.js';
import { rows } from '../../output/columns.js';
import { openProject } from '../../stack/open.js';
import { type CommandModule, examples } from '../command.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    examples(command, { 'gather dags list': 'each with its schedule, its file and whether it is paused' });
  },

  async run(context) {
    const open = openProject(context.folder, context.home);
    const [dags, broken] = await ownAnswer(open, context.signal, (rest) =>
      Promise.all([rest.dags(), brokenFiles(rest)]),
    );
    for (const one of broken)
      context.output.event({ type: 'warning', text: `${placeOf(one)} cannot be imported: ${one.message}` });
    const lines = rows(
      dags.map((dag) => [dag.id, dag.isPaused ? 'paused' : 'on', dag.schedule ?? '-', dag.file]),
    );
    return {
      data: { dags, importErrors: broken },
      text: lines.join('\n') || 'Airflow knows no DAG yet: gather dags new NAME makes one',
    };
  },
};
