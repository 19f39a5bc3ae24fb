import { shownValue } from '../catalog/is-secret.js';
import { lookupOf } from '../catalog/lookup.js';
import type { OpenProject } from './open.js';

/** One line of `gather up --explain`. */
export interface DifferenceRow {
  setting: string;
  /** The value of `.env`, else the default, else the words of the component. */
  here: string;
  production: string;
  why: string;
  component: string;
}

/** What this stack does otherwise than production, as its components say. */
export function differencesOf({ blueprint, project }: OpenProject): DifferenceRow[] {
  const lookup = lookupOf(blueprint, project.env);
  return blueprint.components
    .flatMap((component) => component.differs)
    .map(({ setting, here, production, why, component }) => ({
      setting,
      here: here ?? shownValue(setting, lookup(setting) ?? '', blueprint.variables),
      production,
      why,
      component,
    }))
    .filter((row) => row.here !== row.production);
}
