import { expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.js';
import { planImages } from '../../src/engine/images/plan.js';
import { parseManifest } from '../../src/project/manifest.js';
import { OWN, ownBlueprint } from '../catalog/play-catalog.js';

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
