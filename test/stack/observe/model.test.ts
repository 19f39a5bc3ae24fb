import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { GatherError } from '../../../src/output/errors.js';
import {
  declaredVolumes,
  foldedModel,
  hashesOf,
  modelOf,
  overrideOf,
} from '../../../src/stack/observe/model.js';
import { ownBlueprint } from '../../catalog/play-catalog.js';
import { playCompose } from './play-compose.js';

const MERGED = {
  name: 'p',
  services: { extra: { image: 'a' } },
  networks: { default: { name: 'p_default' } },
};

test('without an override it is what the components fold to, and Compose is not asked', async () => {
  const { stack, asked } = await playCompose(MERGED);
  const elsewhere = { ...stack, project: { ...stack.project, folder: '/nowhere' } };
  expect(overrideOf('/nowhere')).toBeUndefined();
  expect(await modelOf(elsewhere, ownBlueprint())).toEqual(foldedModel(ownBlueprint()));
  expect(asked()).toEqual([]);
});

test('with one it is what Compose makes of both, of all profiles, and without values', async () => {
  vi.stubEnv('COMPOSE_FILE', 'other.yaml');
  const { stack, asked } = await playCompose(MERGED);
  const { services, networks } = MERGED;
  expect(await modelOf({ ...stack, profiles: ['mine'] }, ownBlueprint())).toEqual({ services, networks });
  expect(asked()).toEqual([
    `--profile * config --no-interpolate --format json in ${stack.project.folder}, COMPOSE_FILE undefined`,
  ]);
  vi.unstubAllEnvs();
});

test.each(['compose.override.yml', 'docker-compose.override.yaml'])('%s is one, too', async (name) => {
  const { stack } = await playCompose(MERGED);
  writeFileSync(join(stack.project.folder, name), 'services: {}\n');
  expect(overrideOf(stack.project.folder)).toBe(
    name === 'compose.override.yml' ? name : 'compose.override.yaml',
  );
});

test('one that Compose cannot read is told with what Compose says', async () => {
  const { stack } = await playCompose('services.extra Additional property imag is not allowed');
  const error: unknown = await modelOf(stack, ownBlueprint()).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(GatherError);
  expect(error).toMatchObject({
    code: 'PROJECT_INVALID',
    message: 'Compose cannot lay compose.override.yaml over compose.yaml',
    where: { file: join(stack.project.folder, 'compose.override.yaml') },
    details: ['services.extra Additional property imag is not allowed'],
  });
  expect(await hashesOf(stack)).toBeUndefined();
});

test('one that Compose can read with values only is asked for with them', async () => {
  const refusal = 'service web: invalid spec: ${A:-b}:/c:ro: too many colons';
  const { stack, asked } = await playCompose(MERGED, '', refusal);
  expect((await modelOf(stack, ownBlueprint())).services).toEqual(MERGED.services);
  expect(asked().map((line) => line.split(' in ')[0])).toEqual([
    '--profile * config --no-interpolate --format json',
    '--profile * config --format json',
  ]);
});

test('the volumes of a stack are those that it makes itself, by their names on the engine', async () => {
  const volumes = { data: { name: 'p_data' }, theirs: { name: 'shared', external: true } };
  const { stack } = await playCompose({ volumes });
  expect([...(await declaredVolumes(stack))]).toEqual(['p_data']);
  const none = await playCompose(MERGED);
  expect([...(await declaredVolumes(none.stack))]).toEqual([]);
  const broken = await playCompose('no');
  expect([...(await declaredVolumes(broken.stack))]).toEqual([]);
});
