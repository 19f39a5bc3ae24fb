import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Blueprint } from '../../catalog/blueprint.js';
import { clashOf, problemWith } from '../../catalog/check-value.js';
import { lookupOf } from '../../catalog/lookup.js';
import type { EngineApi } from '../../engine/api.js';
import { type Stack, stackName } from '../../engine/compose.js';
import { firstFreePort } from '../../machine/free-port.js';
import { GatherError } from '../../output/errors.js';
import type { Reporter } from '../../output/events.js';
import { overrideOf } from '../observe/model.js';
import type { PublishedPort } from '../observe/ports.js';
import type { Wanted } from '../observe/wanted.js';
import { memory } from './memory.js';
import { missingMounts } from './missing-mounts.js';
import type { Problem } from './problem.js';
import { portOwner, rivalOf, wantedPorts } from './published-ports.js';
import { warnOfStrays } from './stray-values.js';

/** Checks everything that can be known before anything starts. Throws PREFLIGHT_FAILED with all problems at once. */
export async function preflight(
  stack: Stack,
  docker: EngineApi,
  blueprint: Blueprint,
  wanted: Wanted,
  report: Reporter,
): Promise<void> {
  const problems = [
    ...values(stack, blueprint),
    ...folders(stack, blueprint),
    ...(await missingMounts(stack, docker, blueprint, wanted, report)),
    ...(await ports(stack, docker, blueprint, wanted)),
    ...memory(stack.engine.memoryBytes, blueprint, wanted, report),
  ];
  warnOfStrays(stack, blueprint, wanted, report);
  if (problems.length === 0) return;
  throw new GatherError(
    'PREFLIGHT_FAILED',
    `${problems.length === 1 ? 'something keeps' : `${problems.length} things keep`} the stack from starting`,
    {
      details: problems.map((problem) => problem.text),
      hints: [...new Set(problems.map((problem) => problem.hint))],
    },
  );
}

function values({ project }: Stack, blueprint: Blueprint): Problem[] {
  const lookup = lookupOf(blueprint, project.env);
  return blueprint.variables.flatMap((variable) => {
    const value = project.env.get(variable.name);
    const problem =
      value === undefined
        ? undefined
        : (problemWith(variable, value) ?? clashOf(variable, value, blueprint.variables, lookup));
    return problem
      ? [
          {
            text: `.env:${project.env.line(variable.name)}: ${variable.name}: ${problem}`,
            hint: `gather env set ${variable.name}`,
          },
        ]
      : [];
  });
}

/** logs/ has to be writable by the user id of the containers. Docker Desktop maps ids by itself. */
function folders({ project, engine }: Stack, blueprint: Blueprint): Problem[] {
  if (
    process.platform !== 'linux' ||
    engine.rootless ||
    !engine.host.startsWith('unix:') ||
    !blueprint.folders.includes('logs')
  )
    return [];
  const uid = Number(project.env.get('AIRFLOW_UID') ?? 50000);
  const gid = Number(project.env.get('AIRFLOW_GID') ?? 0);
  const folder = resolve(project.folder, project.env.get('AIRFLOW_PROJ_DIR') ?? '.', 'logs');
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (!stat) return [{ text: `${folder} is missing`, hint: 'gather init' }];
  const writable =
    uid === 0 ||
    (stat.uid === uid && stat.mode & 0o200) ||
    (stat.gid === gid && stat.mode & 0o020) ||
    stat.mode & 0o002;
  return writable
    ? []
    : [
        {
          text: `${folder} cannot be written by user ${uid}, which Airflow runs as`,
          hint: `sudo chown -R ${uid}:${gid} ${join(folder)}`,
        },
      ];
}

async function ports(
  stack: Stack,
  docker: EngineApi,
  blueprint: Blueprint,
  wanted: Wanted,
): Promise<Problem[]> {
  if (!stack.engine.host.startsWith('unix:')) return [];
  const { env } = stack.project;
  const all = wantedPorts(wanted);
  const reserved = new Set(all.map(({ port }) => port));
  const override = overrideOf(stack.project.folder);
  const change = ({ variable }: PublishedPort, to: string) =>
    variable
      ? `gather env set ${variable} ${to}`
      : `publish it on another port${override ? ` in ${override}` : ''}`;
  const problems = await Promise.all(
    all.map(async (one): Promise<Problem[]> => {
      const line = one.variable && env.line(one.variable);
      const rival = rivalOf(one, all, wanted);
      if (rival)
        return [
          {
            text: `${line ? `.env:${line}: ${one.variable}: ` : ''}port ${one.port} is wanted by ${rival}`,
            hint: change(one, '…'),
          },
        ];
      const owner = await portOwner(docker, stackName(stack.project), one);
      if (!owner) return [];
      const spec = blueprint.variables.find((variable) => variable.name === one.variable);
      const other = await firstFreePort(one.port, spec?.fallback, reserved, one.address || '0.0.0.0');
      return [
        {
          text: `port ${one.port}, which ${one.service} wants, is held by ${owner}`,
          hint: change(one, String(other)),
        },
      ];
    }),
  );
  return problems.flat();
}
