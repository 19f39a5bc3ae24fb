import { expect, test } from 'vitest';
import type { Blueprint } from '../../src/catalog/blueprint.js';
import { lookupIn } from '../../src/catalog/lookup.js';
import { componentFiles } from '../../src/render/files.js';
import { ownBlueprint } from '../catalog/play-catalog.js';

type Parts = { parts: Record<string, unknown>[]; routes: Record<string, string>[] };

const secretsOf = ({ variables }: Blueprint) =>
  new Set(variables.filter(({ secret }) => secret).map(({ name }) => name));

function secretOf(name: string, secrets: Set<string>): string | undefined {
  if (!secrets.has(name)) return undefined;
  return name.endsWith('_CONN') ? 'postgresql://airflow:hunter-2@postgres/airflow' : 'hunter-2';
}

/** What the start page knows of a stack of gather's own components. */
function partsOf(components: string[] = []) {
  const blueprint = ownBlueprint(components);
  const files = componentFiles(
    blueprint,
    lookupIn(blueprint.variables, (name) => secretOf(name, secretsOf(blueprint))),
    true,
  );
  const text = (end: string) => files.find(({ path }) => path.endsWith(end))?.text ?? '';
  const { parts } = JSON.parse(text('/parts.json')) as Parts;
  return { parts: new Map(parts.map((part) => [part.service, part])), nginx: text('/nginx.conf') };
}

test('a part is asked its own question over HTTP, where both are on one network', () => {
  const { parts, nginx } = partsOf();
  // how many there are, an override may say otherwise
  expect(parts.get('airflow-worker')).toMatchObject({ to: 'http://airflow-worker:8792/', counted: true });
  expect(parts.get('airflow-triggerer')).toMatchObject({ status: 'any' });
  expect(parts.get('airflow-webserver')?.json).toMatchObject({ 'scheduler.status': 'healthy' });
  expect(nginx).toContain(
    'location ~ ^/gather/health/airflow-worker/([0-9]+)$ {\n        set $target http://airflow-worker:8792/$1;',
  );
});

test('what cannot be asked has no address: one that answers no HTTP to others, one on networks of its own', () => {
  const { parts, nginx } = partsOf();
  for (const service of ['docker-socket-proxy', 'proxy']) expect(parts.get(service)).not.toHaveProperty('to');
  expect(nginx).not.toContain('docker-socket-proxy:2375');
});

test('of one that answers no HTTP, who uses it is asked', () => {
  const { parts } = partsOf();
  expect(parts.get('postgres')).toMatchObject({
    to: 'http://airflow-web:8080/health',
    json: { 'metadatabase.status': 'healthy' },
  });
});

test('one-shots and shells are no parts; what a profile starts says so, and it alone', () => {
  const { parts } = partsOf();
  expect([...parts.keys()]).not.toContain('airflow-init');
  expect([...parts.keys()]).not.toContain('airflow-cli');
  expect(parts.get('flower')?.profile).toBe('flower');
  expect([...parts.values()].filter(({ profile }) => profile)).toHaveLength(1);
});

test('nothing of it is a secret, in any topology', () => {
  for (const topology of ['celery', 'clever-cloud', 'eks', 'git-sync']) {
    const blueprint = ownBlueprint([], topology);
    const lookup = lookupIn(blueprint.variables, (name) => secretOf(name, secretsOf(blueprint)));
    const page = componentFiles(blueprint, lookup, true).filter(({ path }) => path.startsWith('proxy/'));
    expect(page).toHaveLength(3);
    for (const { text, secret } of page) expect([text.includes('hunter-2'), secret]).toEqual([false, false]);
  }
});
