import { expect, test, vi } from 'vitest';
import type { ProbeSpec } from '../../../src/catalog/schema.js';
import type { Event, ServiceState } from '../../../src/output/events.js';
import type { StackContainer } from '../../../src/stack/observe/containers.js';
import { Readiness } from '../../../src/stack/ready/readiness.js';
import { playClock } from '../../play-clock.js';
import { answering } from '../play-exec.js';

const probe = (service: string, more: Partial<ProbeSpec> = {}): ProbeSpec => ({
  service,
  command: ['ask', service],
  says: `${service} answers`,
  ...more,
});
const container = (service: string, state: ServiceState, id = service): StackContainer => ({
  id,
  label: `${service}-1`,
  service,
  number: 1,
  state,
  exitCode: undefined,
  image: '',
  configHash: '',
  ports: [],
  waitsFor: [],
  networks: {},
});
const NONE = new Set<string>();

function asking(probes: ProbeSpec[]) {
  const engine = answering('');
  const said: string[] = [];
  const event = (event: Event) => void (event.type === 'probe' && said.push(event.says));
  const readiness = new Readiness(engine.client, probes, () => undefined, { event, close: () => {} });
  return { ...engine, readiness, said };
}

test('a service is asked as soon as its containers are settled, whatever the others do', async () => {
  const { readiness, ran, said } = asking([probe('web'), probe('database')]);
  const containers = [container('web', 'starting'), container('database', 'healthy')];
  readiness.ask(containers, NONE);
  await readiness.next();
  expect(ran).toEqual([['ask', 'database']]);
  expect(readiness.isComplete(containers)).toBe(false);
  const later = [container('web', 'healthy'), container('database', 'healthy')];
  readiness.ask(later, NONE);
  await readiness.next();
  expect(ran).toEqual([
    ['ask', 'database'],
    ['ask', 'web'],
  ]);
  expect(readiness.isComplete(later)).toBe(true);
  expect(said).toEqual(['database answers', 'web answers']);
});

test('one that does not answer is asked again, and says why until it does', async () => {
  const clock = playClock();
  const { readiness, ran, said, ends } = asking([probe('web')]);
  const containers = [container('web', 'healthy')];
  ends(3);
  readiness.ask(containers, NONE);
  const again = readiness.next();
  await clock.pass(299);
  readiness.ask(containers, NONE);
  expect(ran).toHaveLength(1);
  await clock.pass(1);
  await again;
  expect(readiness.problems(containers)).toMatchObject([{ service: 'web', problem: 'exit code 3' }]);
  ends(0);
  readiness.ask(containers, NONE);
  await readiness.next();
  expect(readiness.isComplete(containers)).toBe(true);
  expect(readiness.problems(containers)).toEqual([]);
  expect(said).toEqual(['web answers']);
});

test('one that has not answered yet is a problem, too, in all that it looks at', () => {
  const checks = probe('web', { json: { 'scheduler.status': 'healthy', 'triggerer.status': 'healthy' } });
  const { readiness } = asking([probe('database'), checks]);
  const containers = [container('web', 'healthy'), container('database', 'starting')];
  readiness.ask(containers, NONE);
  const problem = 'no answer yet';
  expect(readiness.problems(containers)).toEqual([
    { service: 'database', says: 'database answers', passed: false, problem },
    { service: 'web', says: 'scheduler is healthy', passed: false, problem },
    { service: 'web', says: 'triggerer is healthy', passed: false, problem },
  ]);
});

test('what a container answered says nothing of the one that took its place', async () => {
  const { readiness, ran } = asking([probe('web')]);
  readiness.ask([container('web', 'healthy', 'old')], NONE);
  await readiness.next();
  const replaced = [container('web', 'healthy', 'new')];
  expect(readiness.isComplete(replaced)).toBe(false);
  expect(readiness.problems(replaced)).toMatchObject([{ service: 'web', problem: 'no answer yet' }]);
  readiness.ask(replaced, NONE);
  await readiness.next();
  expect(ran).toHaveLength(2);
  expect(readiness.isComplete(replaced)).toBe(true);
});

test('a health check that asks the same is the answer where it has just passed, in all containers', async () => {
  const same = asking([probe('web', { same_as_healthcheck: true })]);
  const containers = [container('web', 'healthy', 'a'), container('web', 'healthy', 'b')];
  same.readiness.ask(containers, new Set(['a', 'b']));
  expect(same.readiness.isComplete(containers)).toBe(true);
  expect(same.ran).toEqual([]);
  expect(same.said).toEqual(['web answers']);

  const since = asking([probe('web', { same_as_healthcheck: true })]);
  since.readiness.ask(containers, new Set(['a']));
  const other = asking([probe('web')]);
  other.readiness.ask(containers, new Set(['a', 'b']));
  await vi.waitFor(() => expect([since.ran.length, other.ran.length]).toEqual([1, 1]));
});

test('a service without a container is no service that answers', async () => {
  const clock = playClock();
  const { readiness, ran } = asking([probe('web', { same_as_healthcheck: true })]);
  readiness.ask([], NONE);
  const again = readiness.next();
  await clock.pass(300);
  await again;
  expect(readiness.isComplete([])).toBe(false);
  expect(ran).toEqual([]);
  expect(readiness.problems([])).toMatchObject([{ problem: 'web does not run' }]);
});
