import { expect, test } from 'vitest';
import { parseManifest } from '../../src/project/manifest.js';
import { fault } from '../catalog/play-catalog.js';

const DEFAULTS = {
  launcher: 'plain',
  topology: 'celery',
  airflow: '2.11.2',
  images: 'auto',
  registry: undefined,
  components: [],
  profiles: [],
  packagesUntil: undefined,
};

test.each([
  '',
  '# nothing\n',
  'topology:\nairflow:\nimages:\nregistry:\ncomponents:\nprofiles:\npackages-until:\n',
])('%j says nothing, and everything has its default', (text) => {
  const { at, ...manifest } = parseManifest(text, 'gather.yaml');
  expect(manifest).toEqual(DEFAULTS);
  expect(at?.(['topology']).file).toBe('gather.yaml');
});

test('what it says is read, whatever YAML takes it for', () => {
  const text = `topology: 7
airflow: 3.3.2
images: packages
registry: mirror.example:5000/hub
components: [flower, 1]
profiles: [debug]
packages-until: 2026-03-15
`;
  expect(parseManifest(text, 'gather.yaml')).toMatchObject({
    topology: '7',
    airflow: '3.3.2',
    images: 'packages',
    registry: 'mirror.example:5000/hub',
    components: ['flower', '1'],
    profiles: ['debug'],
    packagesUntil: '2026-03-15',
  });
});

test.each([
  ['topolgy: celery', 1, 'unknown key "topolgy"; did you mean "topology"?', /allowed: topology, airflow/],
  ['\nairflow: 2.11', 2, 'airflow must be a full version', /gather init --airflow 3/],
  ['airflow: "3"', 1, 'airflow must be a full version', /for example: 2\.11\.2/],
  ['airflow: [2]', 1, 'airflow must be a full version', /2\.11\.2/],
  ['images: auot', 1, 'images is "auot"; did you mean "auto"?', /allowed: auto, registry, packages/],
  ['components: flower', 1, 'components must be a list of text, and is a text', /^$/],
  ['components:\n  - { a: b }', 2, 'components.0 must be a text, and is a map', /^$/],
  ['packages-until: tomorrow', 1, 'packages-until must be a date such as 2026-03-15', /^$/],
  ['- a', 1, 'the file must be a map, and is a list', /^$/],
])('%j is refused with its line', (text, line, message, hint) => {
  const error = fault(() => parseManifest(text, '/p/gather.yaml'));
  expect(error).toMatchObject({ code: 'PROJECT_INVALID', where: { file: '/p/gather.yaml', line }, message });
  expect(error.hints.join('\n')).toMatch(hint);
});

test('a login in the address of a registry is not repeated', () => {
  const error = fault(() => parseManifest('registry: https://me:hunter-2@mirror.example\n', 'gather.yaml'));
  expect(error.message).toBe(
    'registry must look like host:port/path, without a scheme and a slash at the end',
  );
  expect(JSON.stringify(error)).not.toContain('hunter-2');
});
