import type { Blueprint } from '../catalog/blueprint.js';
import { GatherError } from '../output/errors.js';
import { nearest } from '../output/nearest.js';
import type { EnvFile } from '../project/dotenv.js';
import { PROJECT_ID } from '../project/project.js';
import type { InitRequest } from './request.js';

/** A name on the command line that neither the stack nor `.env` knows is more likely a slip than a wish: throws USAGE. */
export function checkNames(blueprint: Blueprint, env: EnvFile, request: InitRequest): void {
  const name = request.set.get('COMPOSE_PROJECT_NAME');
  if (name !== undefined && !/^[a-z0-9][a-z0-9_-]*$/.test(name))
    throw new GatherError('VARIABLE_INVALID', 'COMPOSE_PROJECT_NAME: must be made of a-z, 0-9, - and _ only');
  const known = [
    ...blueprint.variables.map((variable) => variable.name),
    ...env.names(),
    'COMPOSE_PROJECT_NAME',
    PROJECT_ID,
  ];
  for (const option of [...request.set.keys(), ...request.rotate, ...request.rederive]) {
    const name = option.split('.')[0] ?? option;
    const isSet = request.set.has(option);
    if (isSet && (known.includes(name) || /^AIRFLOW(__|_CONN_|_VAR_)/.test(name))) continue;
    if (!isSet && blueprint.variables.some((variable) => variable.name === name)) continue;
    const near = nearest(name, known);
    throw new GatherError(
      'USAGE',
      `this stack has no variable "${name}"${near ? `; did you mean "${near}"?` : ''}`,
      {
        hints: ['gather env list'],
      },
    );
  }
}
