import { fold } from '../render/fold.js';
import { defaultsOf, withDefaults } from '../render/references.js';
import type { OpenProject } from './open.js';

/**
 * Variables that compose.yaml cannot do without and that `.env` does not have. What is only an ingredient of a URL that is
 * there may be missing: going to production means taking the credentials out of `.env`.
 */
export function missingVariables({ project, blueprint }: OpenProject): string[] {
  const { templates, services } = fold(blueprint);
  const written = withDefaults([templates, ...services.map(({ body }) => body)], defaultsOf(blueprint));
  const required = JSON.stringify(written).matchAll(/\$\{(\w+):\?gather init/g);
  // a value that is empty is none to Compose's `:?`
  return ['COMPOSE_PROJECT_NAME', ...new Set([...required].map(([, name = '']) => name))].filter(
    (name) => !project.env.get(name),
  );
}
