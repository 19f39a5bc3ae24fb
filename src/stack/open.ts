import { join } from 'node:path';
import type { Blueprint } from '../catalog/blueprint.js';
import { Catalog } from '../catalog/catalog.js';
import { resolveBlueprint } from '../catalog/resolve.js';
import type { Stack } from '../engine/compose.js';
import { engineNotFound, findEngine } from '../engine/discover.js';
import type { Engine } from '../engine/engine.js';
import type { ImageInputs } from '../images/plan.js';
import { readIfThere } from '../project/files.js';
import { FILES, loadProject, type Project } from '../project/project.js';
import { allProfiles, checkProfiles } from './profiles.js';

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
  checkProfiles(project, blueprint);
  return { project, catalog, blueprint };
}

/** What the project's images depend on. */
export function imageInputs({ project, catalog, blueprint }: OpenProject): ImageInputs {
  return {
    catalog,
    blueprint,
    manifest: project.manifest,
    folder: project.folder,
    requirements: readIfThere(join(project.folder, FILES.requirements)) ?? '',
  };
}

/** The engine that answers. Throws ENGINE_NOT_FOUND, saying what was tried. */
export async function requireEngine(signal: AbortSignal): Promise<Engine> {
  const { engine, tried } = await findEngine(signal);
  if (!engine) throw engineNotFound(tried);
  return engine;
}

/** The stack of an opened project on the engine that answers, with every profile, so that no command overlooks a service; `signal` ends what it is asked. */
export async function requireStack(
  open: OpenProject,
  signal: AbortSignal,
  profiles: string[] = allProfiles(open.blueprint),
): Promise<Stack> {
  return { engine: await requireEngine(signal), project: open.project, profiles, signal };
}
