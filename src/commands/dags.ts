import { type CommandGroup, examples } from './command.js';

export const { configure, commands, byDefault }: CommandGroup = {
  configure(command) {
    examples(command, {
      'gather dags': 'the same as gather dags list',
      'gather dags trigger hello_taskflow --logs': 'a run now, and its tasks as they go',
      'gather dags trigger --help': 'what one of them takes',
    });
  },
  byDefault: 'list',
  commands: {
    list: { summary: 'the DAGs that Airflow knows', load: () => import('./dags/list.js') },
    errors: { summary: 'the files that Airflow cannot import', load: () => import('./dags/errors.js') },
    trigger: { summary: 'start a run, and follow it', load: () => import('./dags/trigger.js') },
    test: { summary: 'run a DAG in one process, without workers', load: () => import('./dags/test.js') },
    new: { summary: 'write a DAG from a template', load: () => import('./dags/new.js') },
    push: { summary: 'bring dags/ into the bucket of the DAGs', load: () => import('./dags/push.js') },
  },
};
