import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { AirflowRest } from '../../../src/airflow/api/rest.js';
import { PlayAirflow } from './play-airflow.js';

describe.each([2, 3])('the REST client of Airflow %i', (major) => {
  let airflow: PlayAirflow;
  beforeEach(async () => {
    airflow = await PlayAirflow.start(major);
  });
  afterEach(() => airflow.stop());

  test('lists all DAGs, over several pages, with schedule and state', async () => {
    for (let i = 0; i < 230; i++) airflow.addDag(`dag_${String(i).padStart(3, '0')}`);
    airflow.addDag('a_daily', { schedule: '@daily', is_paused: true });
    const dags = await airflow.rest().dags();
    expect(dags).toHaveLength(231);
    expect(dags[0]).toEqual({
      id: 'a_daily',
      isPaused: true,
      schedule: '@daily',
      file: '/opt/airflow/dags/a_daily.py',
      parsedAt: '2026-01-01T00:00:00+00:00',
    });
    expect(dags[230]).toMatchObject({ id: 'dag_229', isPaused: false, schedule: undefined });
    expect(await airflow.rest().dagCount()).toEqual({ dags: 231, paused: 1 });
  });

  test('a list of which something goes while it is read ends with the page that is empty', async () => {
    for (let i = 0; i < 150; i++) airflow.addDag(`dag_${String(i).padStart(3, '0')}`);
    // Airflow counts what it no longer hands out
    airflow.countsMore = 50;
    expect(await airflow.rest().dags()).toHaveLength(150);
    expect(airflow.calls.filter((call) => call.endsWith('/dags'))).toHaveLength(3);
  });

  test('tells a DAG that is not there from one that is', async () => {
    airflow.addDag('with spaces & /');
    expect(await airflow.rest().dag('with spaces & /')).toMatchObject({ id: 'with spaces & /' });
    expect(await airflow.rest().dag('other')).toBeUndefined();
  });

  test('switches a DAG on, starts a run with a conf and reads how it goes', async () => {
    const dag = airflow.addDag('hello', { is_paused: true });
    const rest = airflow.rest();
    await rest.unpause('hello');
    expect(dag.is_paused).toBe(false);
    const { id } = await rest.trigger('hello', { name: 'Ada ✓' });
    const run = dag.runs.get(id);
    expect(run?.conf).toEqual({ name: 'Ada ✓' });
    Object.assign(run ?? {}, {
      state: 'success',
      end_date: '2026-01-01T00:00:02+00:00',
      tasks: [
        { task_id: 'say', map_index: 3, state: 'success', try_number: 2, start_date: null, end_date: null },
      ],
    });
    expect(await rest.run('hello', id)).toMatchObject({ state: 'success', end: '2026-01-01T00:00:02+00:00' });
    const [task] = await rest.tasks('hello', id);
    expect(task).toMatchObject({ id: 'say', mapIndex: 3, tryNumber: 2 });
    if (!task) return;
    expect(await rest.log('hello', id, task)).toEqual([]);
    airflow.logs.set(`hello ${id} say 2`, [`it's said`, 'again']);
    const time = major === 3 ? '[2026-01-01T00:00:00Z] INFO - ' : '';
    expect(await rest.log('hello', id, task)).toEqual([`${time}it's said`, `${time}again`]);
  });

  test('says what Airflow has against a conf', async () => {
    airflow.addDag('hello');
    await expect(airflow.rest().trigger('hello', { name: 42 })).rejects.toMatchObject({
      code: 'AIRFLOW_FAILED',
      status: 400,
      message: expect.stringContaining("42 is not of type 'string'"),
    });
  });

  test('a wrong password is refused, and in no message', async () => {
    const error = await airflow
      .rest({ password: 'secret-word' })
      .dags()
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'AIRFLOW_FAILED', status: 401 });
    expect(error.message).toContain('does not let the user ada in');
    expect(JSON.stringify(error) + error.message + error.stack).not.toContain('secret-word');
  });

  test('what does not answer in time, or at all, is said with the address', async () => {
    airflow.isHung = true;
    await expect(airflow.rest({ timeoutMs: 50 }).dags()).rejects.toMatchObject({
      code: 'STACK_NOT_RUNNING',
      message: `Airflow does not answer at ${airflow.base}: no answer in time`,
    });
    const rest = airflow.rest();
    await airflow.stop();
    await expect(rest.dags()).rejects.toMatchObject({
      code: 'STACK_NOT_RUNNING',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test.each([
    [
      'stops half way',
      'no answer in time',
      (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'),
    ],
    ['is a closed connection', 'ECONNRESET', (socket: Socket) => socket.destroy()],
  ])('an answer that %s is told as "%s"', async (_, reason, answer) => {
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const rest = new AirflowRest({ base, major, login: { username: 'ada', password: 'x' }, timeoutMs: 100 });
    await expect(rest.dagCount()).rejects.toMatchObject({
      code: 'STACK_NOT_RUNNING',
      message: `Airflow does not answer at ${base}: ${reason}`,
    });
  });

  test('logs in once for many calls', async () => {
    const rest = airflow.rest();
    await Promise.all([rest.dags(), rest.importErrors(), rest.dagCount()]);
    expect(airflow.calls.filter((call) => call === 'POST /auth/token')).toHaveLength(major === 3 ? 1 : 0);
  });

  test('hands on import errors with their traceback', async () => {
    airflow.broken.set('/opt/airflow/dags/bad.py', 'Traceback\nSyntaxError: invalid syntax\n');
    const path = major === 3 ? 'bad.py' : '/opt/airflow/dags/bad.py';
    const error = { path, trace: 'Traceback\nSyntaxError: invalid syntax', at: '2026-01-01T00:00:00+00:00' };
    expect(await airflow.rest().importErrors()).toEqual([{ ...error, file: path }]);
    const nameOf = (found: string) => `the file ${found}`;
    expect(await airflow.rest({ nameOf }).importErrors()).toEqual([{ ...error, file: `the file ${path}` }]);
  });

  test('gives out the code of a DAG as Airflow has read it', async () => {
    airflow.addDag('hello', { code: 'print("ä")\n' });
    expect(await airflow.rest().code('hello')).toBe('print("ä")\n');
    expect(await airflow.rest().code('other')).toBeUndefined();
  });
});
