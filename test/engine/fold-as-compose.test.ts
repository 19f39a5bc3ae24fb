import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.js';
import { resolveBlueprint } from '../../src/catalog/resolve.js';
import { renderComposeFile } from '../../src/render/compose-file.js';
import { anyBody, type Body, OTHERS, RESOURCES } from './compose-bodies.js';
import { dockerOk } from './docker.js';
import { emptyFolder } from './gather.js';

/** Of each run, one call of Compose for gather's file and one for the plain ones: many services go into one. */
const RUNS = { numRuns: 15, endOnFailure: false };

let folder: string;
beforeAll(() => {
  folder = emptyFolder('fold');
  for (const name of ['components', 'topologies']) mkdirSync(join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Services = Record<string, Body>;
const ABOUT = { summary: 'A part' };

/** What Compose makes of files, each a map of services: the first has what they name. */
async function asCompose(files: Services[]): Promise<Services> {
  const names = files.map((services, i) => {
    const file = join(folder, `plain-${i}.yaml`);
    writeFileSync(file, JSON.stringify({ services, ...(i === 0 ? RESOURCES : {}) }));
    return file;
  });
  return configOf(names);
}

/** What Compose makes of the file that gather renders of components. */
async function asGather(
  components: { services?: Services; changes?: Services; templates?: string[] }[],
): Promise<Services> {
  const names = components.map(({ services = {}, changes = {}, templates = [] }, i) => {
    const about = { ...ABOUT, templates, changes };
    const text = JSON.stringify({ 'x-gather': about, services, ...RESOURCES });
    writeFileSync(join(folder, 'components', `part-${i}.yaml`), text);
    return `part-${i}`;
  });
  writeFileSync(join(folder, 'topologies/mine.yaml'), JSON.stringify({ summary: 'x', components: names }));
  const selection = { topology: 'mine', components: [], airflow: '2.11.2' };
  const file = join(folder, 'rendered.yaml');
  writeFileSync(file, renderComposeFile(resolveBlueprint(new Catalog([folder]), selection)));
  return configOf([file]);
}

async function configOf(files: string[]): Promise<Services> {
  const line = ['compose', '--project-name', 'x', ...files.flatMap((file) => ['-f', file])];
  const text = await dockerOk([...line, '--profile', '*', 'config', '--format', 'json'], { cwd: folder });
  const { services } = JSON.parse(text) as { services: Services };
  // a network without anything is `{}` or null, as it was written
  for (const { networks } of Object.values(services) as { networks: Record<string, unknown> }[])
    for (const name of Object.keys(networks)) networks[name] ??= {};
  return services;
}

const named = <T>(items: T[], name: (i: number) => string, body: (item: T, i: number) => Body): Services =>
  Object.fromEntries(items.map((item, i) => [name(i), body(item, i)]));

test('what components change of each other is what Compose makes of the same files, one behind the other', async () => {
  const layers = fc.tuple(anyBody(0), anyBody(1), anyBody(2));
  await fc.assert(
    fc.asyncProperty(fc.array(layers, { minLength: 1, maxLength: 12 }), async (all) => {
      const layer = (at: number, body: (name: string, it: Body) => Body) =>
        named(
          all,
          (i) => `s${i}`,
          (one, i) => body(`s${i}`, one[at] ?? {}),
        );
      const base = { ...layer(0, (_, it) => ({ image: 'base:1', ...it })), ...OTHERS };
      const plain = [base, layer(1, (_, it) => it), layer(2, (_, it) => it)];
      const changes = [layer(1, (_, it) => it), layer(2, (_, it) => it)].map((one) => ({ changes: one }));
      expect(await asGather([{ services: base }, ...changes])).toEqual(await asCompose(plain));
    }),
    RUNS,
  );
});

test('what services extend in turn is what Compose makes of it, in whatever order they stand', async () => {
  const chain = fc.tuple(anyBody(0), anyBody(1), anyBody(2));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(chain, fc.boolean()), { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      async (all, isReversed) => {
        const services: Services = { ...OTHERS };
        for (const [i, [[c, b, a], isShort]] of all.entries()) {
          const base = (name: string) => (isShort ? name : { service: name });
          const three = {
            [`c${i}`]: { image: 'base:1', ...c },
            [`b${i}`]: { ...b, extends: base(`c${i}`) },
            [`a${i}`]: { ...a, extends: base(`b${i}`) },
          };
          Object.assign(services, three);
        }
        const entries = Object.entries(services);
        const ordered = Object.fromEntries(isReversed ? entries.reverse() : entries);
        const plain = await asCompose([ordered]);
        expect(await asGather([{ services: ordered }])).toEqual(plain);
        // a template is the same, and no service
        const templates = all.map((_, i) => `c${i}`);
        const rest = Object.entries(plain).filter(([name]) => !templates.includes(name));
        expect(await asGather([{ services: ordered, templates }])).toEqual(Object.fromEntries(rest));
      },
    ),
    RUNS,
  );
});
