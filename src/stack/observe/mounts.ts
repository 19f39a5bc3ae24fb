import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { Blueprint } from '../../catalog/blueprint.js';
import { lookupOf } from '../../catalog/lookup.js';
import type { Stack } from '../../engine/compose.js';
import { interpolate, type Lookup, variablesIn } from '../../project/interpolate.js';
import { USUAL_SOCKET } from '../../render/references.js';
import { type ComposeModel, filledModelOf, foldedModel, type ModelService, overrideOf } from './model.js';

/** A file or folder of this machine that a service mounts. */
export interface BindMount {
  service: string;
  /** An absolute path. */
  source: string;
  target: string;
  /** True where the engine makes an empty folder of a source that is not there (`create_host_path`). */
  isMade: boolean;
  /** The variable that the path comes from, where a component names one. */
  variable: string | undefined;
}

/** What the services of a stack mount, as Compose will. Throws PROJECT_INVALID for an override that Compose cannot read. */
export async function mountsOf(stack: Stack, blueprint: Blueprint): Promise<BindMount[]> {
  const { project } = stack;
  const inEnv = lookupOf(blueprint, project.env);
  const sockets = blueprint.variables.filter(({ machine }) => machine === 'docker-socket');
  const lookup: Lookup = (name) =>
    inEnv(name) ?? (sockets.some((socket) => socket.name === name) ? USUAL_SOCKET : undefined);
  const written = mountsIn(foldedModel(blueprint), project.folder, lookup);
  if (!overrideOf(project.folder)) return written;
  const real = mountsIn(await filledModelOf(stack, blueprint), project.folder);
  // Compose has forgotten where a path came from
  return real.map((one) => ({ ...one, variable: written.find((other) => isSame(one, other))?.variable }));
}

function isSame(one: BindMount, other: BindMount): boolean {
  return one.service === other.service && one.target === other.target && one.source === other.source;
}

/** @param lookup fills variables in; a model that Compose has filled has none. */
function mountsIn({ services }: ComposeModel, folder: string, lookup?: Lookup): BindMount[] {
  const fill = (text: string) => (lookup ? interpolate(text, lookup) : text);
  return Object.entries(services).flatMap(([service, { volumes }]) =>
    (volumes ?? []).flatMap((volume): BindMount[] => {
      const mount = typeof volume === 'string' ? readShort(fill(volume)) : readLong(volume, fill);
      if (!mount) return [];
      const [variable] = variablesIn(typeof volume === 'string' ? volume : (volume.source ?? ''));
      return [{ service, ...mount, source: absolute(mount.source, folder), variable }];
    }),
  );
}

type Written = Pick<BindMount, 'source' | 'target' | 'isMade'>;
type Long = Exclude<NonNullable<ModelService['volumes']>[number], string>;

/** `SOURCE:TARGET[:MODE]`; without a path it is a volume. */
function readShort(text: string): Written | undefined {
  const [source = '', target = ''] = text.split(':');
  return /^[/.~]/.test(source) && target ? { source, target, isMade: true } : undefined;
}

function readLong({ type, source, target, bind }: Long, fill: (text: string) => string): Written | undefined {
  if (type !== 'bind' || source === undefined) return undefined;
  return { source: fill(source), target: fill(target ?? ''), isMade: bind?.create_host_path === true };
}

function absolute(path: string, folder: string): string {
  return resolve(folder, path.replace(/^~(?=\/|$)/, homedir()));
}
