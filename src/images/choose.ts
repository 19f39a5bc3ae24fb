import type { Manifest } from '../project/manifest.js';
import { type ImagePlan, MIRROR_VARIABLE, OWN_PREFIX } from './plan.js';
import type { Shelf } from './present.js';

/** The value of an image's variable in `.env`. */
export type Current = (variable: string) => string | undefined;

/** How an image is got: what no registry has is built, whatever the project says of the others. */
export function modeOf(plan: ImagePlan, manifest: Manifest): Manifest['images'] {
  return plan.pulls.length ? manifest.images : 'packages';
}

/** The image that can be used without pulling or building anything; undefined if there is none. */
export function presentChoice(
  plan: ImagePlan,
  mode: string,
  current: Current,
  shelf: Shelf,
): string | undefined {
  const own = usersImage(plan, current);
  if (own) return shelf.has(own) ? own : undefined;
  const pulled = mode === 'packages' ? [] : plan.pulls;
  const built = mode === 'registry' ? [] : [plan.fromPackages.tag];
  const present = [...pulled, ...built]
    .map((base) => plan.onTop?.(base).tag ?? base)
    .filter((image) => shelf.has(image));
  // what runs now stays: PostgreSQL 15 from packages does not become 14 because somebody pulled that
  return present.find((image) => image === current(plan.spec.variable)) ?? present[0];
}

/** The image that a person wrote into `.env`: none that gather builds, would pull, or has pulled from a mirror before. */
export function usersImage(plan: ImagePlan, current: Current): string | undefined {
  const image = current(plan.spec.variable);
  const mirror = current(MIRROR_VARIABLE);
  const isOurs =
    !image ||
    image.startsWith(OWN_PREFIX) ||
    plan.pulls.includes(image) ||
    (mirror !== undefined && image.startsWith(`${mirror}/`));
  return isOurs ? undefined : image;
}
