import { expect, test } from 'vitest';
import { parseManifest } from '../../src/project/manifest.js';
import { checkProfiles, profilesInUse } from '../../src/stack/profiles.js';
import { fault } from '../catalog/play-catalog.js';
import { playProject } from './play-project.js';

const project = (manifest = '') => ({ ...playProject(), manifest: parseManifest(manifest, 'gather.yaml') });
const KNOWN = ['debug', 'flower'];

test('those of gather.yaml and of the command line are in use, each once', () => {
  expect(profilesInUse(project('profiles: [flower]\n'), ['debug', 'flower'])).toEqual(['flower', 'debug']);
});

test('one that no service has is refused with the nearest, and with its line in gather.yaml', () => {
  checkProfiles(project('profiles: [flower]\n'), KNOWN, ['debug']);
  expect(fault(() => checkProfiles(project(), KNOWN, ['flowr']))).toMatchObject({
    code: 'USAGE',
    message: 'no service has the profile "flowr"; did you mean "flower"?',
    hints: ['profiles: debug, flower'],
  });
  const manifest = 'topology: celery\nprofiles:\n  - debug\n  - flowr\n';
  expect(fault(() => checkProfiles(project(manifest), KNOWN))).toMatchObject({
    code: 'PROJECT_INVALID',
    where: { file: 'gather.yaml', line: 4 },
  });
});
