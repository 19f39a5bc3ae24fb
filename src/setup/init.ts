import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fullVersion } from '../airflow/releases.js';
import { Catalog } from '../catalog/catalog.js';
import { type Blueprint, resolveBlueprint } from '../catalog/resolve.js';
import type { VariableSpec } from '../catalog/schema.js';
import { GatherError } from '../output/errors.js';
import type { EnvFile } from '../project/dotenv.js';
import { ensureFolder, readIfThere, writeAtomic } from '../project/files.js';
import {
  changeManifest,
  DEFAULT_AIRFLOW,
  DEFAULT_TOPOLOGY,
  type Manifest,
  newManifest,
  parseManifest,
} from '../project/manifest.js';
import { nearest } from '../project/nearest.js';
import { FILES, readEnv } from '../project/project.js';
import type { Interview } from './ask.js';
import { copyExamples } from './examples.js';
import { followedDefaults } from './follow-defaults.js';
import { firstFreePort } from './free-port.js';
import { ignoreSecrets } from './gitignore.js';
import { moveSettings } from './move-settings.js';
import { staleFiles, writeStale } from './render.js';
import { askBackendSettings, splitBackendSettings } from './secrets-backend.js';
import { type FilledValue, fillValues, strayValues } from './values.js';

/** What a person, or the command line, wants of `gather init`. */
export interface InitRequest {
  folder: string;
  /** gather's own `compose/` folder. */
  compose: string;
  /** gather's own examples: the folder with `dags/`, `plugins/`, `config/`. */
  examples: string;
  topology?: string | undefined;
  airflow?: string | undefined;
  components?: string[] | undefined;
  set: Map<string, string>;
  rotate: Set<string>;
  rederive: Set<string>;
  interview?: Interview | undefined;
}

/** What `gather init` did. No value of a secret is in it. */
export interface InitReport {
  folder: string;
  topology: string;
  airflow: string;
  /** Files that were written or changed, relative to the folder. */
  files: string[];
  /** Variables that are new or have another value, and where the value comes from. */
  variables: { name: string; origin: FilledValue['origin'] }[];
  notes: string[];
}

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
  if (env.get('COMPOSE_PROJECT_NAME') === undefined)
    env.set('COMPOSE_PROJECT_NAME', projectName(folder), {
      section: 'Stack',
      comment: ["The name that Compose gives the stack's containers, networks and volumes"],
    });
  for (const [name, value] of given) if (!filled.has(name)) env.set(name, value, { section: 'Your own' });
  for (const { variable, value } of variables)
    env.set(variable.name, value, {
      section: variable.group,
      ...(variable.ask ? { comment: [variable.ask] } : {}),
    });

  const lookup = (name: string) => env.get(name);
  const uid = Number(lookup('AIRFLOW_UID') ?? 50000);
  const owner = process.getuid?.() === 0 ? { uid, gid: Number(lookup('AIRFLOW_GID') ?? 0) } : undefined;
  const files: string[] = [];
  const write = (path: string, text: string, mode?: number) => {
    ensureFolder(join(folder, path, '..'));
    if (writeAtomic(join(folder, path), text, mode === undefined ? {} : { mode })) files.push(path);
  };

  ensureFolder(folder);
  const ignored = ignoreSecrets(readIfThere(join(folder, FILES.gitignore)));
  if (ignored) write(FILES.gitignore, ignored);
  write(FILES.manifest, manifestText);
  const shared = resolve(folder, lookup('AIRFLOW_PROJ_DIR') ?? '.');
  files.push(
    ...copyExamples(
      request.examples,
      folder,
      blueprint.folders,
      catalog.foreignExamples(blueprint.components),
      shared,
    ),
  );
  for (const name of blueprint.folders)
    ensureFolder(join(shared, name), name === 'logs' && owner ? { owner } : {});
  write(FILES.env, env.toString(), 0o600);
  const stale = staleFiles({ folder, manifest, env, hasEnv: true }, blueprint);
  for (const { file } of stale.filter((one) => one.why === 'changed by hand'))
    notes.push(
      `${file.path} was changed by hand and is kept: move the changes to ${FILES.override}, then \`gather render --force\``,
    );
  files.push(
    ...writeStale(
      { folder, manifest, env, hasEnv: true },
      stale.filter((one) => one.why !== 'changed by hand'),
    ),
  );

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

/** None for components that cannot be together: the change may be what mends that. */
function variablesOf(catalog: Catalog, manifest: Manifest): VariableSpec[] {
  try {
    return resolveBlueprint(catalog, manifest).variables;
  } catch {
    return [];
  }
}

async function planManifest(
  request: InitRequest,
  catalog: Catalog,
  present: string | undefined,
): Promise<string> {
  const { topology, components = [] } = request;
  if (present !== undefined) {
    const old = parseManifest(present, join(request.folder, FILES.manifest));
    const before = old.components;
    const comesFromElsewhere = old.packagesUntil !== undefined || old.images === 'registry';
    const airflow = request.airflow && fullVersion(request.airflow, comesFromElsewhere);
    const further = components.filter((name) => !before.includes(name));
    const changes = {
      ...(topology ? { topology } : {}),
      ...(airflow ? { airflow } : {}),
      ...(further.length ? { components: [...before, ...further] } : {}),
    };
    return Object.keys(changes).length ? changeManifest(present, changes) : present;
  }
  const chosen = topology ?? (await askTopology(request.interview, catalog)) ?? DEFAULT_TOPOLOGY;
  catalog.topology(chosen);
  return newManifest(chosen, fullVersion(request.airflow ?? DEFAULT_AIRFLOW), components);
}

async function askTopology(interview: Interview | undefined, catalog: Catalog): Promise<string | undefined> {
  const names = catalog.topologyNames();
  if (!interview || names.length < 2) return undefined;
  return interview.choice(
    'Which platform does this stack mirror?',
    names.map((value) => ({ title: value, value, description: catalog.topology(value).summary })),
    DEFAULT_TOPOLOGY,
  );
}

/** A name on the command line that neither the stack nor `.env` knows is more likely a slip than a wish. */
function checkNames(blueprint: Blueprint, env: EnvFile, request: InitRequest): void {
  const name = request.set.get('COMPOSE_PROJECT_NAME');
  if (name !== undefined && !/^[a-z0-9][a-z0-9_-]*$/.test(name))
    throw new GatherError('VARIABLE_INVALID', 'COMPOSE_PROJECT_NAME: must be made of a-z, 0-9, - and _ only');
  const known = [
    ...blueprint.variables.map((variable) => variable.name),
    ...env.names(),
    'GATHER_BIND',
    'COMPOSE_PROJECT_NAME',
  ];
  for (const option of [...request.set.keys(), ...request.rotate, ...request.rederive]) {
    const name = option.split('.')[0] ?? option;
    const isSet = request.set.has(option);
    if (isSet && (known.includes(name) || /^AIRFLOW(__|_CONN_|_VAR_)/.test(name))) continue;
    if (!isSet && blueprint.variables.some((variable) => variable.name === name)) continue;
    const near = nearest(name, known);
    throw new GatherError(
      'USAGE',
      `this stack has no variable "${name}"${near ? `; did you mean "${near}"?` : ''}`,
      {
        hints: ['gather env list'],
      },
    );
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
