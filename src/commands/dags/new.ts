import { userInfo } from 'node:os';
import { newDag } from '../../airflow/dags/new-dag.js';
import { dagSource } from '../../airflow/dags/source.js';
import { openProject } from '../../stack/open.js';
import { type CommandModule, examples } from '../command.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    command.argument('<name>', 'what the DAG and its file are to be called');
    examples(command, { 'gather dags new daily_sales': 'dags/daily_sales.py, which runs as it is' });
  },

  async run(context, [name = '']) {
    const open = openProject(context.folder, context.home);
    const file = newDag(open, name, userInfo().username);
    const source = dagSource(open);
    const commands = [source.next(`${name}.py`) ?? [], `gather dags trigger ${name} --logs`].flat();
    return {
      data: { dag: name, file },
      text: [`${file} is written; Airflow lists it ${source.when}`, ...commands].join('\n  '),
    };
  },
};
