import { Catalog } from '../catalog/catalog.js';
import type { EnvFile } from '../project/dotenv.js';
import { PROJECT_ID } from '../project/project.js';
import { changeProject, readState } from '../project/transaction.js';
import { type Plan, planInit } from './plan-init.js';
import { newProjectId, projectName } from './project-id.js';
import type { InitReport, InitRequest } from './request.js';
import { type FilledValue, strayValues } from './values.js';
import { writeProject } from './write-project.js';

/**
 * Makes a folder a project, or brings an existing one up to date. Nothing is written before every question is answered;
 * each file is whole at any moment; what is in `.env` stays unless it was asked to change.
 */
export async function init(request: InitRequest): Promise<InitReport> {
  const { folder, signal, report } = request;
  const catalog = Catalog.of(request.compose, folder);
  let answered = request;
  const before = readState(folder);
  // a person takes minutes, and what cannot be must not even leave a folder: asked and checked first, without the lock
  if (request.interview || before.manifestText === undefined) {
    const { manifest, said } = await planInit(request, before, catalog);
    const topology = before.manifestText === undefined ? manifest.topology : request.topology;
    answered = { ...request, topology, set: said, interview: undefined };
  }
  return changeProject(folder, { signal, report }, async (draft) => {
    const planned = await planInit(answered, draft, catalog);
    const { manifest, blueprint, filled, choices, notes } = planned;
    const { env } = draft;
    const variables = [...filled.values()].filter(({ variable, value }) => env.get(variable.name) !== value);
    setValues(env, folder, planned, variables);
    const files = writeProject(draft, manifest, blueprint, {
      manifestText: planned.manifestText,
      choices,
      examples: request.examples,
      unusedExamples: catalog.foreignExamples(blueprint.components),
      notes,
    });
    for (const variable of strayValues(blueprint.variables, env))
      notes.push(
        `${variable.name} was changed by hand, or what it follows from was: it is kept as it is. \`gather init --derive ${variable.name}\` computes it anew`,
      );
    return {
      folder,
      topology: manifest.topology,
      airflow: manifest.airflow,
      files,
      variables: variables.map(({ variable, origin }) => ({ name: variable.name, origin })),
      own: planned.own,
      notes,
    };
  });
}

function setValues(
  env: EnvFile,
  folder: string,
  { given, filled, gone }: Plan,
  changed: FilledValue[],
): void {
  const id = (name: string, value: string, comment: string) => {
    if (!env.get(name)) env.set(name, value, { section: 'Stack', comment: [comment] });
  };
  id(
    'COMPOSE_PROJECT_NAME',
    projectName(folder),
    "The name that Compose gives the stack's containers, networks and volumes",
  );
  id(PROJECT_ID, newProjectId(), 'Whose data a volume holds: gather marks with it what it makes');
  for (const { name, ask } of gone) env.delete(name, ask ? [ask] : []);
  for (const [name, value] of given) if (!filled.has(name)) env.set(name, value, { section: 'Your own' });
  for (const { variable, value } of changed)
    env.set(variable.name, value, {
      section: variable.group,
      ...(variable.ask ? { comment: [variable.ask] } : {}),
    });
}
