import { BIND, hostAt } from '../../catalog/bind.js';
import type { Blueprint } from '../../catalog/blueprint.js';
import { derive, isOfThisMachine } from '../../catalog/derive.js';
import { lookupOf } from '../../catalog/lookup.js';
import { textOf } from '../../catalog/offers.js';
import type { Stack } from '../../engine/compose.js';
import type { Reporter } from '../../output/events.js';
import type { Lookup } from '../../project/interpolate.js';
import { strayValues } from '../../setup/values.js';
import { overrideOf } from '../observe/model.js';
import { reachOf } from '../observe/reach.js';
import type { Wanted } from '../observe/wanted.js';

/** Values that contradict others, or what the override publishes: Airflow sends who logs in to the address that it has of itself. */
export function warnOfStrays(
  { project }: Stack,
  blueprint: Blueprint,
  wanted: Wanted,
  report: Reporter,
): void {
  const reach = reachOf({ project, blueprint }, wanted);
  const lookup = lookupOf(blueprint, project.env);
  const moved = new Map(
    blueprint.variables
      .filter(({ url }) => isOfThisMachine(url))
      .flatMap((variable) => {
        const [written, value] = [derive(variable, lookup), lookup(variable.name)];
        const real = reach.to(written);
        return real && real !== written ? [[variable.name, { written, value, real }] as const] : [];
      }),
  );
  for (const [name, { written, value, real }] of moved)
    if (value === written)
      report.event({
        type: 'warning',
        text: `${name} is ${value}, and ${overrideOf(project.folder)} publishes that at ${real}`,
        hints: [`gather env set ${name} ${real}`],
      });
  for (const { name } of strayValues(blueprint.variables, project.env))
    if (moved.get(name)?.real !== lookup(name))
      report.event({
        type: 'warning',
        text: `${name} does not follow from the other variables; it is used as it is`,
        hints: [`gather init --derive ${name}`],
      });
  for (const host of hostsInVain(blueprint, lookup))
    report.event({
      type: 'warning',
      text: `${host} is 127.0.0.1 for a browser, and nothing listens there: ${BIND} is ${lookup(BIND)}`,
      hints: [`gather env set ${BIND} 127.0.0.1`],
    });
}

/** Names below localhost that routes have, where the ports listen elsewhere. */
function hostsInVain({ offers }: Blueprint, lookup: Lookup): string[] {
  if (hostAt(lookup(BIND)) === 'localhost') return [];
  const hosts = (offers.route ?? []).flatMap((offer) => textOf(offer, 'host', lookup) ?? []);
  return [...new Set(hosts)].filter((host) => host.endsWith('.localhost'));
}
