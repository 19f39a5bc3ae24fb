import { readConf } from '../../airflow/dags/conf.js';
import { ownRestOf, webSite } from '../../airflow/dags/dags.js';
import { followRun, startRun } from '../../airflow/dags/run.js';
import { dagEnding } from '../../airflow/dags/run-ending.js';
import { askReach } from '../../stack/observe/reach.js';
import { openProject } from '../../stack/open.js';
import { sinceBoot } from '../../stack/up/boot-record.js';
import { type CommandModule, examples } from '../command.js';

/** So long after a boot Airflow may still be reading its DAG files for the first time. */
const FIRST_READ_MS = 30_000;

export const { configure, run }: CommandModule = {
  configure(command) {
    command
      .argument('<dag>', 'its id')
      .option('--conf <json>', 'what the run is handed, a JSON object')
      .option('--unpause', 'switch the DAG on, should it be paused')
      .option('--wait', 'wait for the end; exit code 1 when the run failed')
      .option('--logs', 'wait, and show what the tasks write');
    examples(command, {
      'gather dags trigger hello_taskflow': 'a run now',
      'gather dags trigger hello_taskflow --conf \'{"name": "Ada"}\' --logs':
        'with something to work on, and its tasks as they go',
    });
  },

  async run(context, [id = ''], options) {
    const conf = readConf(options.conf as string | undefined);
    const open = openProject(context.folder, context.home);
    const { output: report, signal } = context;
    const reach = await askReach(open, signal);
    const rest = await ownRestOf(open, { signal, reach });
    const patienceMs = Math.max(0, FIRST_READ_MS - sinceBoot(open.project.folder));
    const started = await startRun(rest, id, { conf, unpause: options.unpause === true, report, patienceMs });
    const page = rest.runPage(id, started.id, webSite(open, reach));
    if (!options.wait && !options.logs)
      return {
        data: { dag: id, run: started.id, state: started.state, page },
        text: `${id} runs: ${started.id}\n  ${page}`,
      };
    report.event({ type: 'note', text: `${id} runs: ${started.id}` });
    const outcome = await followRun(rest, id, started, { logs: options.logs === true, report, signal });
    return {
      data: { ...outcome, page },
      text: [dagEnding(outcome), ...(outcome.state === 'success' ? [] : [`  ${page}`])].join('\n'),
      exitCode: outcome.state === 'success' ? 0 : 1,
    };
  },
};
