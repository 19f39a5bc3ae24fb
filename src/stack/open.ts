import { join } from 'node:path';
import type { Blueprint } from '../catalog/blueprint.js';
import { Catalog } from '../catalog/catalog.js';
import { lookupOf } from '../catalog/lookup.js';
import { resolveBlueprint } from '../catalog/resolve.js';
import { connect } from '../engine/api.js';
import type { Stack } from '../engine/compose.js';
import { engineNotFound, findEngine } from '../engine/discover.js';
import type { Engine } from '../engine/engine.js';
import type { ImageInputs } from '../images/plan.js';
import { loadProject, type Project } from '../project/project.js';
import { assertOwnStack } from './identity.js';
import { overrideOf } from './observe/model.js';
import { foldedWanted } from './observe/wanted.js';
import { ALL_PROFILES, checkProfiles } from './profiles.js';

/** A project with what the catalog makes of it. */
export interface OpenProject {
  project: Project;
  catalog: Catalog;
  blueprint: Blueprint;
}

/** Reads a project and resolves its components. `home` is gather's own folder. */
export function openProject(folder: string, home: string): OpenProject {
  const project = loadProject(folder);
  const catalog = Catalog.of(join(home, 'compose'), project.folder);
  const blueprint = resolveBlueprint(catalog, project.manifest, (name) => project.env.get(name));
  const open = { project, catalog, blueprint };
  checkKnownProfiles(open);
  return open;
}

/** Throws for a profile that no service has; where there is an override, only Compose knows, and `up` asks it. */
export function checkKnownProfiles(open: OpenProject, further: string[] = []): void {
  const { project } = open;
  if ((project.manifest.profiles.length || further.length) && !overrideOf(project.folder))
    checkProfiles(project, foldedWanted(open).profiles, further);
}

/** What the project's images depend on. @param without components whose images nobody needs */
export function imageInputs(
  { project, catalog, blueprint }: OpenProject,
  without: string[] = [],
): ImageInputs {
  const images = blueprint.images.filter(({ component }) => !without.includes(component));
  return {
    catalog,
    blueprint: { ...blueprint, images },
    manifest: project.manifest,
    folder: project.folder,
    lookup: lookupOf(blueprint, project.env),
  };
}

/** The engine that answers. Throws ENGINE_NOT_FOUND, saying what was tried. */
export async function requireEngine(signal: AbortSignal): Promise<Engine> {
  const { engine, tried } = await findEngine(signal);
  if (!engine) throw engineNotFound(tried);
  return engine;
}

/**
 * The stack of an opened project on the engine that answers, with every profile, so that no command overlooks a service; `signal`
 * ends what it is asked. Throws STACK_FOREIGN when it is another project's.
 */
export async function requireStack(
  open: OpenProject,
  signal: AbortSignal,
  profiles: string[] = ALL_PROFILES,
): Promise<Stack> {
  const engine = await requireEngine(signal);
  await assertOwnStack(await connect(engine, signal), open.project);
  return { engine, project: open.project, profiles, signal };
}

/**
 * For what is asked of a stack by its ports alone: the answer, and the password that is sent there, are this project's. Throws
 * STACK_FOREIGN. Where no engine answers, nothing can be said, and what is asked will say that nothing runs.
 */
export async function assertOwnAnswers({ project }: OpenProject, signal: AbortSignal): Promise<void> {
  const { engine } = await findEngine(signal);
  if (engine) await assertOwnStack(await connect(engine, signal), project);
}
