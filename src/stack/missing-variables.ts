import { fold } from '../render/fold.js';
import { defaultsOf, withDefaults } from '../render/references.js';
import type { OpenProject } from './open.js';

/**
 * Variables that compose.yaml cannot do without and that `.env` does not have. What is only an ingredient of a URL that is
 * there may be missing: going to production means taking the credentials out of `.env`.
 */
export function missingVariables(open: OpenProject): string[] {
  return missing(open, /\$\{(\w+):\?gather init/g);
}

/** The same, with the names of images, which `.env` gets at the first `gather up`: without one of these Compose reads no file. */
export function missingValues(open: OpenProject): string[] {
  return missing(open, /\$\{(\w+):\?/g);
}

function missing({ project, blueprint }: OpenProject, required: RegExp): string[] {
  const { templates, services } = fold(blueprint);
  const written = withDefaults([templates, ...services.map(({ body }) => body)], defaultsOf(blueprint));
  const names = [...JSON.stringify(written).matchAll(required)].map(([, name = '']) => name);
  // a value that is empty is none to Compose's `:?`
  return ['COMPOSE_PROJECT_NAME', ...new Set(names)].filter((name) => !project.env.get(name));
}
