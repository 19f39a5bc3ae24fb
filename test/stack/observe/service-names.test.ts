import { describe, expect, test } from 'vitest';
import { Catalog } from '../../../src/catalog/catalog.js';
import { GatherError } from '../../../src/output/errors.js';
import { knownServices } from '../../../src/stack/observe/service-names.js';
import { OWN, ownBlueprint } from '../../catalog/play-catalog.js';
import { playProject } from '../play-project.js';
import { playCompose } from './play-compose.js';

const open = (project = playProject()) => ({
  project,
  catalog: new Catalog([OWN]),
  blueprint: ownBlueprint(),
});
const noStack = () => Promise.reject(new Error('no engine is needed for this'));
const faultOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof GatherError ? error : undefined),
  );

describe('the names of services', () => {
  test('are known without an engine, and one that the stack does not have is refused with the nearest', async () => {
    expect(await knownServices(open(), ['redis', 'proxy'], noStack)).toEqual(['redis', 'proxy']);
    expect(await faultOf(knownServices(open(), ['airflow-worke'], noStack))).toMatchObject({
      code: 'USAGE',
      message: 'this stack has no service "airflow-worke"; did you mean "airflow-worker"?',
    });
  });

  test("are those of Compose's own model where there is an override", async () => {
    const { stack } = await playCompose({ services: { redis: {}, extra: {} } });
    const ask = (names: string[]) => knownServices(open(stack.project), names, async () => stack);
    expect(await ask(['extra', 'redis'])).toEqual(['extra', 'redis']);
    expect(await faultOf(ask(['extr']))).toMatchObject({
      message: 'this stack has no service "extr"; did you mean "extra"?',
      hints: ['services: redis, extra'],
    });
  });
});
