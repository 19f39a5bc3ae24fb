import { readConf } from '../../airflow/dags/conf.js';
import { testOneDag } from '../../airflow/tests/dag-test.js';
import { openProject } from '../../stack/open.js';
import { type CommandModule, examples } from '../command.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    command.argument('<dag>', 'its id').option('--conf <json>', 'what the run is handed, a JSON object');
    examples(command, {
      'gather dags test hello_taskflow': 'as airflow dags test does it; exit code 1 when the run failed',
    });
  },

  async run(context, [id = ''], options) {
    const conf = readConf(options.conf as string | undefined);
    const open = openProject(context.folder, context.home);
    const { home, output: report, signal } = context;
    const { seconds, passed } = await testOneDag(open, { id, conf, home, report, signal });
    const how = passed ? 'succeeded in' : 'FAILED after';
    return {
      data: { dag: id, passed, seconds },
      text: `${id} ${how} ${seconds.toFixed(1)} s`,
      exitCode: passed ? 0 : 1,
    };
  },
};
