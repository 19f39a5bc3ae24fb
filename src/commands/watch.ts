import { ownRestOf } from '../airflow/dags/dags.js';
import { followRun, startRun } from '../airflow/dags/run.js';
import { dagEnding } from '../airflow/dags/run-ending.js';
import { dagSource } from '../airflow/dags/source.js';
import { syntaxCheck } from '../airflow/dags/syntax.js';
import { watchDags } from '../airflow/dags/watch-files.js';
import { openProject } from '../stack/open.js';
import { type CommandModule, examples } from './command.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    command.argument('[dag]', 'the DAG to run again whenever its file has changed');
    examples(command, {
      'gather watch': 'import errors as files are saved; Ctrl-C ends it',
      'gather watch hello_taskflow':
        'and runs that DAG, with its logs, each time Airflow has read a new state of its file',
    });
  },

  async run(context, [dag]) {
    const open = openProject(context.folder, context.home);
    const { output: report, signal } = context;
    const rest = await ownRestOf(open, { signal });
    const source = dagSource(open);
    const look = await syntaxCheck(open, source.folder, signal);
    report.event({ type: 'note', text: `watching ${source.folder}; Ctrl-C ends it` });
    await watchDags({
      rest,
      source,
      dag,
      look,
      async again(id) {
        const run = await startRun(rest, id, { conf: {}, unpause: false, report });
        report.event({ type: 'note', text: `${id} runs: ${run.id}` });
        const outcome = await followRun(rest, id, run, { logs: true, report, signal });
        report.event({ type: 'note', text: dagEnding(outcome) });
      },
      report,
      signal,
    });
    return { text: 'no longer watching' };
  },
};
