import { openProject, requireEngine } from '../stack/open.js';
import { type StatusReport, status } from '../stack/status.js';
import { type CommandModule, examples } from './command.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    examples(command, {
      'gather status': 'services, whether each part is usable, and the links',
      'gather status --output json': 'the same for a program; exit code 4 when something is not usable',
    });
  },

  async run(context) {
    const open = openProject(context.folder, context.home);
    const report = await status(open, await requireEngine());
    return { data: report, text: textOf(report), exitCode: report.usable ? 0 : 4 };
  },
};

function textOf(report: StatusReport): string {
  const rows = report.services.map((one) => [one.container, one.state, one.image]);
  const widths = [0, 1].map((i) => Math.max(...rows.map((row) => row[i]?.length ?? 0), 0));
  const table = rows.map(
    ([name = '', state = '', image = '']) =>
      `  ${name.padEnd(widths[0] ?? 0)}  ${state.padEnd(widths[1] ?? 0)}  ${image}`,
  );
  const probes = report.probes.map(
    (one) =>
      `  ${one.passed ? 'ok ' : 'NOT'} ${one.service}: ${one.passed ? one.says : `${one.says}: ${one.problem}`}`,
  );
  const links = Object.entries(report.links).map(([name, url]) => `  ${name}  ${url}`);
  const title =
    report.services.length === 0
      ? `${report.stack} does not run: gather up`
      : `${report.stack}: ${report.usable ? 'usable' : 'NOT usable'}, Airflow ${report.airflow}, ${report.engine}`;
  return [title, ...table, ...probes, ...(report.services.length ? links : [])].join('\n');
}
