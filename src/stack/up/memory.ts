import type { Blueprint } from '../../catalog/blueprint.js';
import { GatherError } from '../../output/errors.js';
import type { Reporter } from '../../output/events.js';
import { ownServices } from '../../render/fold.js';
import { leftOut } from '../left-out.js';
import type { Wanted } from '../observe/wanted.js';
import type { Problem } from './problem.js';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/**
 * What the components say that they want and what their services reserve, added up: with less than that a stack does not come up, and
 * it is told what would; with twice as much it runs well.
 * @param has bytes that the engine has
 */
export function memory(has: number, blueprint: Blueprint, wanted: Wanted, report: Reporter): Problem[] {
  const wants = wantedBy(blueprint, wanted);
  const text = `the engine has ${gib(has)} of memory; this stack wants ${gib(wants)} and runs well with ${gib(2 * wants)}`;
  if (has < wants) {
    const smaller = whatFits(has, blueprint, wanted);
    const more = 'give the engine more memory (Docker Desktop: Settings, Resources)';
    return [{ text, hint: smaller ? `${smaller}, or ${more}` : more }];
  }
  if (has < 2 * wants * 0.95) report.event({ type: 'warning', text });
  return [];
}

/** Bytes. */
function wantedBy({ components }: Blueprint, { idle, reserved }: Wanted, out: string[] = []): number {
  const runs = (service: string) => !idle.has(service) && !out.includes(service);
  const mib = components
    .filter((one) => ownServices(one).length === 0 || ownServices(one).some(runs))
    .reduce((sum, one) => sum + (one.memory ?? 0), 0);
  const reserves = Object.entries(reserved).filter(([service]) => runs(service));
  return reserves.reduce((sum, [, bytes]) => sum + bytes, mib * MIB);
}

/** The command that starts a part of it, what wants the most left out first; undefined where nothing fits. */
function whatFits(has: number, blueprint: Blueprint, wanted: Wanted): string | undefined {
  const names: string[] = [];
  const wants = (further: string[] = []) =>
    wantedBy(blueprint, wanted, leftOut(blueprint, [...names, ...further]).services);
  while (wants() > has) {
    const optional = blueprint.components
      .map(({ name }) => name)
      .filter((name) => canLeave(blueprint, [...names, name]) && wants([name]) < wants());
    const [next] = optional.sort((a, b) => wants([a]) - wants([b]));
    if (next === undefined) return undefined;
    names.push(next);
  }
  const options = names.map((name) => `--without ${name}`).join(' ');
  return `gather up ${options} (${gib(wants())})`;
}

function canLeave(blueprint: Blueprint, names: string[]): boolean {
  try {
    leftOut(blueprint, names);
    return true;
  } catch (error) {
    if (error instanceof GatherError) return false;
    throw error;
  }
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}
