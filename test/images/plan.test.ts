import { appendFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.js';
import { planImages } from '../../src/images/plan.js';
import { parseManifest } from '../../src/project/manifest.js';
import { OWN, ownBlueprint, playCatalog } from '../catalog/play-catalog.js';

test('an image that nobody publishes is never asked for, of no registry and of no mirror', () => {
  const manifest = parseManifest('topology: clever-cloud\nregistry: mirror.example:5000\n', 'gather.yaml');
  const plans = planImages({
    catalog: new Catalog([OWN]),
    blueprint: ownBlueprint([], 'clever-cloud'),
    manifest,
    requirements: '',
    folder: '.',
  });
  const plan = (variable: string) => plans.find(({ spec }) => spec.variable === variable);
  expect(plan('MINIO_IMAGE')?.pulls).toEqual([]);
  expect(plan('MINIO_IMAGE')?.fromPackages.tag).toMatch(/^localhost\/gather\/minio:[0-9a-f]{12}$/);
  expect(plan('PROXY_IMAGE')?.pulls[0]).toMatch(/^mirror\.example:5000\/nginx:/);
});

test("an image that the default registry does not have is asked for of a registry of one's own alone", () => {
  const pulls = (registry: string) => {
    const manifest = parseManifest(`topology: git-sync\n${registry}`, 'gather.yaml');
    const blueprint = ownBlueprint([], 'git-sync');
    const plans = planImages({
      catalog: new Catalog([OWN]),
      blueprint,
      manifest,
      requirements: '',
      folder: '.',
    });
    return plans.find(({ spec }) => spec.variable === 'GIT_SYNC_IMAGE')?.pulls;
  };
  expect(pulls('')).toEqual([]);
  expect(pulls('registry: mirror.example:5000/hub\n')).toEqual([
    'mirror.example:5000/hub/git-sync/git-sync:v4.4.2',
  ]);
});

test("a file anywhere in an image's folder counts for its tag; what Python compiles there does not", () => {
  const own = playCatalog({}).folder;
  cpSync(OWN, own, { recursive: true });
  const tag = () => {
    const manifest = parseManifest('topology: celery\n', 'gather.yaml');
    const blueprint = ownBlueprint([], 'celery');
    const inputs = { catalog: new Catalog([own]), blueprint, manifest, requirements: '', folder: '.' };
    const plan = planImages(inputs).find(({ spec }) => spec.variable === 'AIRFLOW_IMAGE');
    return plan?.onTop?.('airflow:1').tag;
  };
  const before = tag();
  const folder = join(own, 'images/airflow-project/gather_airflow');
  mkdirSync(join(folder, '__pycache__'));
  writeFileSync(join(folder, '__pycache__', 'launcher.pyc'), '');
  expect(tag()).toBe(before);
  appendFileSync(join(folder, 'launcher.py'), '# another line\n');
  expect(tag()).not.toBe(before);
});
