import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EnvFile } from '../../src/project/dotenv.js';
import { parseManifest } from '../../src/project/manifest.js';
import { checkProfiles, profilesInUse } from '../../src/stack/profiles.js';
import { fault, ownBlueprint } from '../catalog/play-catalog.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gather-profiles-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const project = (manifest = '') => ({
  folder,
  manifest: parseManifest(manifest, 'gather.yaml'),
  env: EnvFile.parse('', '.env'),
  hasEnv: true,
});

test('those of gather.yaml and of the command line are in use, each once', () => {
  expect(profilesInUse(project('profiles: [flower]\n'), ownBlueprint(), ['debug', 'flower'])).toEqual([
    'flower',
    'debug',
  ]);
});

test('one that no service has is refused with the nearest, and with its line in gather.yaml', () => {
  expect(fault(() => profilesInUse(project(), ownBlueprint(), ['flowr']))).toMatchObject({
    code: 'USAGE',
    message: 'no service has the profile "flowr"; did you mean "flower"?',
    hints: ['profiles: debug, flower'],
  });
  const manifest = 'topology: celery\nprofiles:\n  - debug\n  - flowr\n';
  expect(fault(() => checkProfiles(project(manifest), ownBlueprint()))).toMatchObject({
    code: 'PROJECT_INVALID',
    where: { file: 'gather.yaml', line: 4 },
  });
});

test('one of a service in compose.override.yaml is known', () => {
  const wanted = () => profilesInUse(project(), ownBlueprint(), ['mine']);
  writeFileSync(
    join(folder, 'compose.override.yaml'),
    'services: { a: { image: a, profiles: [mine] }, b: }\n',
  );
  expect(wanted()).toEqual(['mine']);
  writeFileSync(join(folder, 'compose.override.yaml'), 'services: [');
  expect(fault(wanted).code).toBe('USAGE');
});
