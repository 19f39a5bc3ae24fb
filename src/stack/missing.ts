import { renderComposeFile } from '../render/compose-file.js';
import type { OpenProject } from './open.js';

/**
 * Variables that compose.yaml cannot do without and that `.env` does not have. What is only an ingredient of a URL that is
 * there may be missing: going to production means taking the credentials out of `.env`.
 */
export function missingVariables({ project, blueprint }: OpenProject): string[] {
  const required = renderComposeFile(blueprint).matchAll(/\$\{(\w+):\?gather init/g);
  // a value that is empty is none to Compose's `:?`
  return ['COMPOSE_PROJECT_NAME', ...new Set([...required].map(([, name = '']) => name))].filter(
    (name) => !project.env.get(name),
  );
}
