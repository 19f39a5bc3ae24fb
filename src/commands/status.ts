import { type DagSummary, dagSummary } from '../airflow/dags/dags.js';
import { rows } from '../output/columns.js';
import { GatherError } from '../output/errors.js';
import { shellQuoted } from '../output/quoting.js';
import { type StatusReport, status } from '../stack/observe/status.js';
import { openProject, requireStack } from '../stack/open.js';
import { type CommandModule, examples } from './command.js';
import { launcherText } from './launcher-text.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    command.option('--format <env>', 'env: lines of NAME=value for a shell, with the links in them');
    examples(command, {
      'gather status': 'services, whether each part is usable, and the links',
      'eval "$(gather status --format env)"': 'GATHER_URL_AIRFLOW and the like for a shell',
      'gather status --output json': 'the same for a program; exit code 4 when something is not usable',
    });
  },

  async run(context, _args, options) {
    if (options.format !== undefined && options.format !== 'env')
      throw new GatherError('USAGE', `--format ${options.format}: there is only env`, {
        hints: ['--output json is for programs'],
      });
    const open = openProject(context.folder, context.home);
    const { output, signal } = context;
    const { engine } = await requireStack(open, signal);
    const report = await status(open, engine, (reach, limit) => dagSummary(open, reach, signal, limit), {
      report: output,
      signal,
    });
    const text = options.format === 'env' ? envOf(report) : textOf(report);
    return { data: report, text, exitCode: report.usable ? 0 : 4 };
  },
};

function textOf(report: StatusReport<DagSummary>): string {
  const table = rows(
    report.services.map((one) => [one.container, one.state, one.image]),
    '  ',
  );
  const probes = report.probes.map(
    (one) =>
      `  ${one.passed ? 'ok ' : 'NOT'} ${one.service}: ${one.passed ? one.says : `${one.says}: ${one.problem}`}`,
  );
  const links = rows(Object.entries(report.links), '  ');
  const title =
    report.services.length === 0
      ? `${report.stack} does not run: gather up`
      : `${report.stack}: ${report.usable ? 'usable' : 'NOT usable'}, Airflow ${report.airflow}, ${report.engine}`;
  if (report.services.length === 0) return title;
  const drift = report.drift.map((line) => `  changed since the start: ${line}`);
  return [
    title,
    ...table,
    ...probes,
    ...links,
    ...dagsText(report.dags),
    ...launcherText(report.launcher).map((line) => `  ${line}`),
    ...drift,
    ...(drift.length ? ['  → gather up brings it up to date'] : []),
    ...report.leftOut.map((name) => `  left out: ${name} (gather up without --without starts it)`),
    ...lastBootText(report),
  ].join('\n');
}

function dagsText(dags: StatusReport<DagSummary>['dags']): string[] {
  if (!dags) return [];
  const broken = dags.importErrors.map(({ file, message }) => `  ✖ ${file}: ${message}`);
  const errors = broken.length ? `, ${broken.length} cannot be imported` : '';
  return [`  DAGs: ${dags.dags}, ${dags.paused} of them paused${errors}`, ...broken];
}

function lastBootText({ lastBoot, compose, profiles }: StatusReport<DagSummary>): string[] {
  const boot = lastBoot
    ? `; last boot ${lastBoot.started.slice(0, 16).replace('T', ' ')} UTC: ${lastBoot.usable ? 'usable' : 'not usable'} after ${lastBoot.seconds.toFixed(1)} s`
    : '';
  return [`  Compose ${compose}${profiles.length ? `, profiles ${profiles.join(', ')}` : ''}${boot}`];
}

/** For `eval`: every value is quoted, and no secret is among them. */
function envOf(report: StatusReport<DagSummary>): string {
  const links = Object.entries(report.links).map(([name, url]) => [
    `GATHER_URL_${name.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}`,
    url,
  ]);
  return [
    ['GATHER_STACK', report.stack],
    ['GATHER_FOLDER', report.folder],
    ['GATHER_USABLE', String(report.usable)],
    ['GATHER_AIRFLOW_VERSION', report.airflow],
    ...links,
  ]
    .map(([name, value = '']) => `${name}=${shellQuoted(value)}`)
    .join('\n');
}
