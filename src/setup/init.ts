import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Catalog } from '../catalog/catalog.js';
import { resolveBlueprint } from '../catalog/resolve.js';
import type { VariableSpec } from '../catalog/schema.js';
import { firstFreePort } from '../machine/free-port.js';
import type { EnvFile } from '../project/dotenv.js';
import { readIfThere } from '../project/files.js';
import { type Manifest, parseManifest } from '../project/manifest.js';
import { FILES, readEnv } from '../project/project.js';
import type { Interview } from './ask.js';
import { checkNames } from './check-names.js';
import { followedDefaults } from './follow-defaults.js';
import { moveSettings } from './move-settings.js';
import { planManifest } from './plan-manifest.js';
import type { InitReport, InitRequest } from './request.js';
import { askBackendSettings, splitBackendSettings } from './secrets-backend.js';
import { type FilledValue, fillValues, strayValues } from './values.js';
import { writeProject } from './write-project.js';

/**
 * Makes a folder a project, or brings an existing one up to date. Nothing is written before every question is answered;
 * each file is whole at any moment; what is in `.env` stays unless it was asked to change.
 */
export async function init(request: InitRequest): Promise<InitReport> {
  const { folder, set } = request;
  const notes: string[] = [];
  const manifestFile = join(folder, FILES.manifest);
  const catalog = Catalog.of(request.compose, folder);
  const manifestBefore = readIfThere(manifestFile);
  const manifestText = await planManifest(request, catalog, manifestBefore);
  const manifest = parseManifest(manifestText, manifestFile);
  const { env } = readEnv(folder);
  const blueprint = resolveBlueprint(catalog, manifest, (name) => set.get(name) ?? env.get(name));
  checkNames(blueprint, env, request);

  const given = await splitBackendSettings(set, env, request.interview);
  if (manifestBefore !== undefined && manifestBefore !== manifestText) {
    const before = variablesOf(catalog, parseManifest(manifestBefore, manifestFile));
    for (const [name, value] of followedDefaults(before, blueprint.variables, env))
      if (!given.has(name)) given.set(name, value);
  }
  const moved = moveSettings(blueprint, env, given);
  for (const [name, value] of moved.values) given.set(name, value);
  notes.push(...moved.notes);
  const filled = await fillValues(blueprint.variables, {
    env,
    given,
    rotate: request.rotate,
    rederive: request.rederive,
    machine: { uid: userId() },
    freePort: portChooser(notes),
    ask:
      request.interview &&
      (async (variable, initial, origin) => {
        const interview = request.interview as Interview;
        const answer = await interview.variable(variable, initial, origin === 'generated');
        if (variable.type === 'secrets-backend' && answer)
          await askBackendSettings(interview, answer, env, given);
        return answer;
      }),
  });

  // an answer may be the id of a connection: every command would refuse two of one id
  resolveBlueprint(catalog, manifest, (name) => filled.get(name)?.value ?? env.get(name));

  const variables = [...filled.values()].filter(({ variable, value }) => env.get(variable.name) !== value);
  setValues(env, folder, given, filled, variables);
  const project = { folder, manifest, env, hasEnv: true };
  const files = writeProject(project, blueprint, {
    manifestText,
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
    notes,
  };
}

function setValues(
  env: EnvFile,
  folder: string,
  given: Map<string, string>,
  filled: Map<string, FilledValue>,
  changed: FilledValue[],
): void {
  if (env.get('COMPOSE_PROJECT_NAME') === undefined)
    env.set('COMPOSE_PROJECT_NAME', projectName(folder), {
      section: 'Stack',
      comment: ["The name that Compose gives the stack's containers, networks and volumes"],
    });
  for (const [name, value] of given) if (!filled.has(name)) env.set(name, value, { section: 'Your own' });
  for (const { variable, value } of changed)
    env.set(variable.name, value, {
      section: variable.group,
      ...(variable.ask ? { comment: [variable.ask] } : {}),
    });
}

/** None for components that cannot be together: the change may be what mends that. */
function variablesOf(catalog: Catalog, manifest: Manifest): VariableSpec[] {
  try {
    return resolveBlueprint(catalog, manifest).variables;
  } catch {
    return [];
  }
}

function userId(): string {
  const uid = process.getuid?.() ?? 50000;
  return String(uid === 0 ? 50000 : uid);
}

function portChooser(notes: string[]): (variable: VariableSpec) => Promise<number> {
  const promised = new Set<number>();
  return async (variable) => {
    const wanted = Number(variable.default);
    const port = await firstFreePort(wanted, variable.fallback, promised);
    promised.add(port);
    if (port !== wanted)
      notes.push(`port ${wanted} is taken or not allowed here: ${variable.name} is ${port}`);
    return port;
  };
}

/** The folder's name as Compose allows it, with a mark of its path: two folders of one name are two stacks. */
export function projectName(folder: string): string {
  let path = folder;
  try {
    path = realpathSync(folder);
  } catch {
    // not made yet: its name is all there is
  }
  const slug =
    basename(path)
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'gather';
  return `${slug}-${createHash('sha256').update(path).digest('hex').slice(0, 4)}`;
}
