import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { config as composeConfig } from 'docker-compose';
import { expect, onTestFinished } from 'vitest';
import type { Blueprint } from '../../src/catalog/blueprint.js';
import { Catalog } from '../../src/catalog/catalog.js';
import { generate } from '../../src/catalog/generate.js';
import { lookupIn } from '../../src/catalog/lookup.js';
import { resolveBlueprint } from '../../src/catalog/resolve.js';
import type { VariableSpec } from '../../src/catalog/schema.js';
import { mergeVariables } from '../../src/catalog/variables.js';
import { renderComposeFile } from '../../src/render/compose-file.js';
import { emptyFolder, HOME } from './gather.js';

export const catalog = new Catalog([join(HOME, 'compose')]);

export interface Service {
  environment?: Record<string, string | null>;
  networks?: Record<string, { aliases?: string[] } | null>;
  depends_on?: Record<string, { condition: string; required: boolean }>;
  ports?: { host_ip?: string; published: string; target: number }[];
  deploy?: { replicas?: number };
  profiles?: string[];
}
export interface Config {
  services: Record<string, Service>;
  networks?: Record<string, unknown>;
  volumes?: Record<string, unknown>;
}

/** What Compose itself makes of a file; rejects with its error. */
export async function config(
  file: string,
  variables: Record<string, string>,
  profiles: string[] = [],
): Promise<Config> {
  const { data } = await composeConfig({
    cwd: dirname(file),
    config: file,
    env: { ...process.env, ...variables },
    composeOptions: profiles.flatMap((profile) => ['--profile', profile]),
  }).catch((error: { err?: string }) => {
    throw new Error(error.err ?? String(error));
  });
  return data.config as unknown as Config;
}

/** Each variable's default; what is generated, or only the machine knows, is made up. */
function valuesOf(variables: VariableSpec[]): Record<string, string> {
  const madeUp = (variable: VariableSpec) =>
    variable.generate ? generate(variable.generate) : '/run/docker.sock';
  const secrets = new Map(
    variables
      .filter((one) => one.generate || one.machine)
      .map((one) => [one.name, one.machine === 'uid' ? '50000' : madeUp(one)]),
  );
  const lookup = lookupIn(variables, (name) => secrets.get(name));
  return Object.fromEntries(variables.map(({ name }) => [name, lookup(name) ?? 'made-up:1']));
}

const components = catalog.componentNames().map((name) => catalog.component(name));
const images = Object.fromEntries(
  components
    .flatMap((component) => component.images)
    .map((image) => [image.variable, `${image.variable.toLowerCase()}:1`]),
);
export const values = { ...valuesOf(mergeVariables(components)), ...images };

/** Both lines of Airflow, in turn: each pair of components is in several topologies. */
export const STACKS = catalog
  .topologyNames()
  .map((topology, i) => [topology, i % 2 ? '3.3.2' : '2.11.2'] as const);

/** Compose reads what is rendered of a topology with any one further component, or any two, that can be together. */
export async function acceptsWithAny(count: 1 | 2, topology: string, airflow: string): Promise<void> {
  const folder = emptyFolder('together');
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const own = catalog.topology(topology).components;
  const further = catalog.componentNames().filter((name) => !own.includes(name));
  const sets =
    count === 1
      ? further.map((a) => [a])
      : further.flatMap((a, i) => further.slice(i + 1).map((b) => [a, b]));
  // one that is for another line of Airflow gives the same file as others
  const files = new Map<string, { name: string; blueprint: Blueprint }>();
  for (const set of sets) {
    const blueprint = blueprintOf(topology, airflow, set);
    if (blueprint) files.set(renderComposeFile(blueprint), { name: set.join('-'), blueprint });
  }
  expect(files.size).toBeGreaterThan(1);
  const waiting = [...files];
  const check = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [text, { name, blueprint }] = next;
      const file = join(folder, `${name}.yaml`);
      writeFileSync(file, text);
      await config(file, { ...values, ...valuesOf(blueprint.variables), ...images });
    }
  };
  await Promise.all([check(), check()]);
}

/** None for components that say themselves that they cannot be together. */
function blueprintOf(topology: string, airflow: string, components: string[]): Blueprint | undefined {
  try {
    return resolveBlueprint(catalog, { topology, airflow, components });
  } catch (error) {
    expect((error as Error).message).toMatch(/^components "\S+" and "\S+" cannot be in one stack$/);
    return undefined;
  }
}
