import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Blueprint } from '../catalog/blueprint.js';
import type { Component } from '../catalog/schema.js';
import { textOrNone } from '../machine/read-file.js';
import { GatherError } from '../output/errors.js';
import { nearest } from '../output/nearest.js';
import { ensureFolder, orFileFailed, writeAtomic } from '../project/files.js';
import { FILES } from '../project/project.js';
import { ownServices } from '../render/fold.js';

/** Parts of a stack that `gather up --without` does not start. */
export interface LeftOut {
  components: string[];
  services: string[];
  /** What there is not without them, a sentence for each. */
  missing: string[];
}

/**
 * The parts of these names, each a component of the stack or the one service of it that goes on running.
 * @throws USAGE for a name that is none, with the nearest, and for a part that others need, with their names
 */
export function leftOut(blueprint: Blueprint, names: string[]): LeftOut {
  const chosen = [...new Set(names.map((name) => componentOf(blueprint, name)))];
  for (const component of chosen) assertNotNeeded(blueprint, component, chosen);
  return {
    components: chosen.map(({ name }) => name),
    services: servicesOf(blueprint, chosen),
    missing: chosen.map((component) => missingWithout(blueprint, component)),
  };
}

/** The services of parts, and of what came along with them. */
export function servicesOf(blueprint: Blueprint, parts: Component[]): string[] {
  return [...new Set([...parts, ...broughtBy(blueprint, parts)])].flatMap(ownServices);
}

function componentOf({ components }: Blueprint, name: string): Component {
  const parts = components.filter((component) => ownServices(component).length > 0);
  const found =
    parts.find((one) => one.name === name) ?? parts.find((one) => ownServices(one).includes(name));
  if (!found) {
    const known = [...new Set(parts.flatMap((one) => [one.name, ...ownServices(one)]))];
    const near = nearest(name, known);
    throw new GatherError(
      'USAGE',
      `the stack has no part "${name}"${near ? `; did you mean "${near}"?` : ''}`,
      {
        hints: [`parts: ${parts.map((one) => one.name).join(', ')}`],
      },
    );
  }
  const others = ownServices(found).filter((service) => service !== name && goesOn(found, service));
  if (found.name !== name && others.length > 0)
    throw new GatherError(
      'USAGE',
      `${name} is one service of the part ${found.name}, beside ${others.join(', ')}`,
      {
        hints: [`--without ${found.name} leaves out all of it`],
      },
    );
  return found;
}

function goesOn({ services }: Component, name: string): boolean {
  return services[name]?.restart !== 'no';
}

/** Parts that gather's own commands ask. */
const ASKED = ['web', 'scheduler', 'cli'];

function assertNotNeeded(blueprint: Blueprint, part: Component, without: Component[]): void {
  if (ASKED.some((name) => name in part.provides))
    throw new GatherError('USAGE', `${part.name} cannot be left out: gather itself asks it`);
  const gone = goneWith(blueprint, without);
  const needing = blueprint.components.filter((one) => !gone.has(one) && needs(one, part, blueprint));
  if (needing.length === 0) return;
  throw new GatherError(
    'USAGE',
    `${part.name} cannot be left out: needed by ${needing.map(({ name }) => name).join(', ')}`,
    {
      hints: [`gather components says what ${needing[0]?.name} is`],
    },
  );
}

/** With what came along with them, and what has no service and is there for those alone. */
function goneWith(blueprint: Blueprint, without: Component[]): Set<Component> {
  const gone = new Set([...without, ...broughtBy(blueprint, without)]);
  // what requires a component stands behind it
  for (const one of blueprint.components.toReversed()) {
    const users = blueprint.components.filter((other) => other !== one && needs(other, one, blueprint));
    if (ownServices(one).length === 0 && users.length > 0 && users.every((user) => gone.has(user)))
      gone.add(one);
  }
  return gone;
}

/** What came along with parts, and with what came along with them. */
function broughtBy({ components }: Blueprint, parts: Component[]): Component[] {
  const brought = new Set<Component>();
  const follow = ({ brings }: Component): void => {
    for (const one of components)
      if (Object.values(brings).includes(one.name) && !brought.has(one)) {
        brought.add(one);
        follow(one);
      }
  };
  parts.forEach(follow);
  return [...brought];
}

/** By its name, or by what it alone provides. */
function needs({ requires }: Component, part: Component, { components }: Blueprint): boolean {
  return requires.some(
    (name) =>
      name === part.name ||
      (name in part.provides && !components.some((one) => one !== part && name in one.provides)),
  );
}

function missingWithout(blueprint: Blueprint, part: Component): string {
  const brought = broughtBy(blueprint, [part]);
  const services = servicesOf(blueprint, [part]);
  const led = (blueprint.offers.connection ?? []).filter(({ item }) => services.includes(String(item.host)));
  const gone = [
    ...brought.map(({ summary }) => summary),
    ...Object.keys(part.links).map((title) => `the page ${title}`),
    ...led.map(({ item }) => `what is behind the connection ${item.id}`),
  ];
  return `left out: ${part.name} (${part.summary})${gone.length ? `; missing with it: ${gone.join(', ')}` : ''}`;
}

/** Below the project, ignored by git. */
const FILE = join(FILES.state, 'left-out.json');

/** What the last `gather up` left out is what `gather status` does not miss. */
export function rememberLeftOut(folder: string, names: string[]): void {
  const file = join(folder, FILE);
  if (names.join() === rememberedLeftOut(folder).join()) return;
  orFileFailed('write', file, () => {
    ensureFolder(join(folder, FILES.state));
    if (names.length) writeAtomic(file, `${JSON.stringify(names)}\n`);
    else rmSync(file, { force: true });
  });
}

/** The same, as it is to be read: none where it was never written, or is none of ours. */
export function rememberedLeftOut(folder: string): string[] {
  try {
    const names: unknown = JSON.parse(textOrNone(join(folder, FILE)));
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}
