import type { Manifest } from '../project/manifest.js';
import { MIRROR_VARIABLE, OWN_PREFIX } from './build-plan.js';
import type { ImagePlan } from './plan.js';
import type { Shelf } from './present.js';

/** The value of an image's variable in `.env`. */
export type Current = (variable: string) => string | undefined;

/** Where the images of one project may come from. */
export interface Choice {
  manifest: Pick<Manifest, 'images'>;
  current: Current;
}

/** How an image is got: what no registry has is built, and what nobody can build is pulled, whatever the project says of the others. */
export function modeOf(plan: ImagePlan, manifest: Choice['manifest']): Manifest['images'] {
  if (plan.pulls.length === 0) return 'packages';
  return plan.build ? manifest.images : 'registry';
}

/** Every name under which the image would do, the best first; asks nobody. */
export function candidates(plan: ImagePlan, choice: Choice): string[] {
  const own = usersImage(plan, choice.current);
  if (own) return [own];
  const mode = modeOf(plan, choice.manifest);
  return [...(mode === 'packages' ? [] : plan.pulls), ...(mode === 'registry' ? [] : builds(plan, choice))];
}

function builds({ on, build }: ImagePlan, choice: Choice): string[] {
  if (!build) return [];
  return on ? candidates(on, choice).map((below) => build(below).tag) : [build().tag];
}

/** The image that can be used without pulling or building anything; undefined if there is none. */
export function presentChoice(
  plan: ImagePlan,
  choice: Choice,
  shelf: Pick<Shelf, 'has'>,
): string | undefined {
  const present = candidates(plan, choice).filter((image) => shelf.has(image));
  // what runs now stays: PostgreSQL 15 from packages does not become 14 because somebody pulled that
  return present.find((image) => image === choice.current(plan.spec.variable)) ?? present[0];
}

/** The image that a person wrote into `.env`: none that gather builds, would pull, or has pulled from a mirror before. */
export function usersImage(plan: ImagePlan, current: Current): string | undefined {
  const image = current(plan.spec.variable);
  const mirror = current(MIRROR_VARIABLE);
  const isOurs =
    !image ||
    image.startsWith(OWN_PREFIX) ||
    pullsOf(plan).includes(image) ||
    (mirror !== undefined && image.startsWith(`${mirror}/`));
  return isOurs ? undefined : image;
}

/** With those of what it stands on: that image alone is no image of a person's own. */
function pullsOf({ pulls, on }: ImagePlan): string[] {
  return on ? [...pulls, ...pullsOf(on)] : pulls;
}
