import { join } from 'node:path';
import { BIND, bare } from '../catalog/bind.js';
import type { Blueprint } from '../catalog/blueprint.js';
import type { Catalog } from '../catalog/catalog.js';
import { resolveBlueprint } from '../catalog/resolve.js';
import type { VariableSpec } from '../catalog/schema.js';
import { firstFreePort } from '../machine/free-port.js';
import { type Choice, sameChoice } from '../project/applied.js';
import type { EnvFile } from '../project/dotenv.js';
import { type Manifest, parseManifest } from '../project/manifest.js';
import { FILES } from '../project/project.js';
import type { ProjectState } from '../project/transaction.js';
import { appliedChoices, choiceOf } from './applied-choices.js';
import type { Interview } from './ask.js';
import { checkNames } from './check-names.js';
import { type Following, following } from './follow-defaults.js';
import { moveSettings } from './move-settings.js';
import { planManifest } from './plan-manifest.js';
import type { InitRequest } from './request.js';
import { askBackendSettings, splitBackendSettings } from './secrets-backend.js';
import { type FilledValue, type FillOptions, fillValues } from './values.js';

/** What an init is going to write. */
export interface Plan {
  manifest: Manifest;
  manifestText: string;
  blueprint: Blueprint;
  /** What the command line and the person said. */
  said: Map<string, string>;
  /** The same, and what moves from one name to another. */
  given: Map<string, string>;
  filled: Map<string, FilledValue>;
  gone: Following['gone'];
  /** Variables without a declaration that get another value. */
  own: string[];
  /** Whose defaults `.env` may hold before the change. */
  choices: Choice[];
  notes: string[];
}

/** What is to be written into a project that is in this state; asks, and writes nothing. */
export async function planInit(request: InitRequest, state: ProjectState, catalog: Catalog): Promise<Plan> {
  const { folder, set } = request;
  const { env } = state;
  const notes: string[] = [];
  const manifestText = await planManifest(request, catalog, state.manifestText);
  const manifest = parseManifest(manifestText, join(folder, FILES.manifest));
  const choices = appliedChoices(folder, state);
  const isOther = choices.some((choice) => !sameChoice(choice, choiceOf(manifest)));
  const stacks = isOther ? choices.flatMap((choice) => blueprintOf(catalog, choice, env)) : [];
  const before = stacks.map(({ variables }) => variables);
  const first = resolveBlueprint(catalog, manifest, (name) => set.get(name) ?? env.get(name));
  const follow = (now: Blueprint) =>
    following(before, now.variables, env, isOther ? state.applied?.defaults : {});
  const { renewed } = follow(first);
  // which connections there are follows from values that may be renewed just now
  const readNow = (name: string) => set.get(name) ?? (renewed.has(name) ? undefined : env.get(name));
  const blueprint = renewed.size === 0 ? first : resolveBlueprint(catalog, manifest, readNow);
  const gone = follow(blueprint).gone.filter(({ name }) => !isReferred(env, name));
  checkNames(blueprint, env, request);

  const given = await splitBackendSettings(set, env, request.interview);
  const said = new Map(given);
  const moved = moveSettings(blueprint, env, given, new Set(gone.map(({ name }) => name)));
  for (const [name, value] of moved.values) given.set(name, value);
  if (isOther) notes.push(...changeOf(stacks, blueprint, gone.length));
  notes.push(...moved.notes);
  const filled = await fillValues(blueprint.variables, {
    env,
    renewed,
    given,
    rotate: request.rotate,
    rederive: request.rederive,
    machine: { uid: userId() },
    freePort: portChooser(notes, given.get(BIND) ?? env.get(BIND)),
    ask: request.interview && asking(request.interview, env, given, said),
  });

  // an answer may be the id of a connection: every command would refuse two of one id
  resolveBlueprint(catalog, manifest, (name) => filled.get(name)?.value ?? env.get(name));
  const own = [...given].flatMap(([name, value]) =>
    filled.has(name) || env.get(name) === value ? [] : [name],
  );
  return { manifest, manifestText, blueprint, said, given, filled, gone, own, choices, notes };
}

function asking(
  interview: Interview,
  env: EnvFile,
  given: Map<string, string>,
  said: Map<string, string>,
): NonNullable<FillOptions['ask']> {
  return async (variable, initial, origin, problem) => {
    const answer = await interview.variable(variable, initial, problem, origin === 'generated');
    if (answer !== initial) said.set(variable.name, answer);
    if (variable.type === 'secrets-backend' && answer) {
      const further = new Map<string, string>();
      await askBackendSettings(interview, answer, env, further);
      for (const [name, value] of further) {
        given.set(name, value);
        said.set(name, value);
      }
    }
    return answer;
  };
}

/** One line of what leaves the stack and one of what comes, for a person who changes it. */
function changeOf(before: Blueprint[], after: Blueprint, gone: number): string[] {
  const names = (all: Blueprint[]) => [
    ...new Set(all.flatMap((one) => one.components.map(({ name }) => name))),
  ];
  const [old, now] = [names(before), names([after])];
  const leaves = old.filter((name) => !now.includes(name));
  const comes = now.filter((name) => !old.includes(name));
  const values = gone ? `, and ${gone} values in .env that gather wrote for them` : '';
  return [
    ...(leaves.length ? [`leaves: ${leaves.join(', ')}${values}; secrets and what you changed stay`] : []),
    ...(comes.length && old.length ? [`comes: ${comes.join(', ')}`] : []),
  ];
}

/** True when another line of `.env` is made of this variable: a person has found a use for it. */
function isReferred(env: EnvFile, name: string): boolean {
  return new RegExp(`\\$\\{?${name}\\b`).test(env.toString());
}

/** None for components that cannot be together, or that are gone: the change may be what mends that. */
function blueprintOf(catalog: Catalog, choice: Choice, env: EnvFile): Blueprint[] {
  try {
    return [resolveBlueprint(catalog, choice, (name) => env.get(name))];
  } catch {
    return [];
  }
}

function userId(): string {
  const uid = process.getuid?.() ?? 50000;
  return String(uid === 0 ? 50000 : uid);
}

/** @param bind the address at which the ports are going to listen */
function portChooser(notes: string[], bind = ''): (variable: VariableSpec) => Promise<number> {
  const promised = new Set<number>();
  return async (variable) => {
    const wanted = Number(variable.default);
    const port = await firstFreePort(wanted, variable.fallback, promised, bare(bind) || undefined);
    promised.add(port);
    if (port !== wanted)
      notes.push(`port ${wanted} is taken or not allowed here: ${variable.name} is ${port}`);
    return port;
  };
}
