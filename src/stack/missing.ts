import { isDerived } from '../catalog/derive.js';
import type { OpenProject } from './open.js';

/** Variables without which the stack cannot run and that `.env` does not have: secrets, and what is put together from them. */
export function missingVariables({ project, blueprint }: OpenProject): string[] {
  const needed = blueprint.variables.filter(
    (variable) => variable.generate || variable.url || (variable.secret && isDerived(variable)),
  );
  return ['COMPOSE_PROJECT_NAME', ...needed.map((variable) => variable.name)].filter(
    (name) => project.env.get(name) === undefined,
  );
}
