import { describe, expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.js';
import type { GatherError } from '../../src/output/errors.js';
import { planManifest } from '../../src/setup/plan-manifest.js';
import { OWN } from '../catalog/play-catalog.js';

describe.each([
  ['a new project', undefined],
  ['one that is there', 'topology: celery\nairflow: 2.11.2\n'],
])('a slip of the command line in %s', (_, present) => {
  test.each([
    [{ topology: 'celry' }, 'TOPOLOGY_INVALID', 'unknown topology "celry"; did you mean "celery"?'],
    [{ components: ['redi'] }, 'COMPONENT_INVALID', 'unknown component "redi"; did you mean "redis"?'],
  ])('%j is told without a place in gather.yaml', async (wanted, code, message) => {
    const request = {
      folder: '/nowhere',
      compose: OWN,
      examples: '/nowhere',
      set: new Map<string, string>(),
      rotate: new Set<string>(),
      rederive: new Set<string>(),
      ...wanted,
    };
    const error = await planManifest(request, new Catalog([OWN]), present).catch(
      (thrown: GatherError) => thrown,
    );
    expect(error).toMatchObject({ code, message, where: undefined });
  });
});
