import { randomUUID } from 'node:crypto';
import { appendFileSync, chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Json, type Login, RestCalls } from '../../../src/airflow/api/rest-calls.js';
import { containersOf, dockerOk, type Inspected, until } from '../docker.js';
import { emptyFolder, gather, gatherJson, gatherOk, HOME } from '../gather.js';
import { ask, WebSession } from '../web.js';
import { BehaviourRun } from './run.js';

export const FIXTURES = join(HOME, 'test/fixtures/behaviour');

/**
 * Seconds without a heartbeat after which Airflow gives a task up (by default 300), and how often it looks, which is as by default: a
 * second look before the DAG processor has heard of the first has callbacks run twice.
 */
export const GIVEN_UP = { after: 15, every: 10 };

/** How often a task's supervisor asks whether the task may go on: as seldom as every 5 s by default. */
const HEARTBEAT = '2';

const SETTINGS: Record<2 | 3, Record<string, string>> = {
  2: {
    AIRFLOW__SCHEDULER__SCHEDULER_ZOMBIE_TASK_THRESHOLD: String(GIVEN_UP.after),
    AIRFLOW__SCHEDULER__JOB_HEARTBEAT_SEC: HEARTBEAT,
  },
  3: {
    AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT: String(GIVEN_UP.after),
    AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL: HEARTBEAT,
    // the pages of plugins know who is logged in only this way: they are an app of their own, which reads no session from the database
    AIRFLOW__FAB__SESSION_BACKEND: 'securecookie',
  },
};

/** As production has it: what a worker logs of this DAG is on no disk that others see. */
const OVERRIDE = `services:
  airflow-worker:
    tmpfs: ["/opt/airflow/logs/dag_id=gated"]
`;

const JSON_TYPE = { 'content-type': 'application/json' };

const DAGS = ['ends_well', 'gated', 'interrupted', 'takes_too_long', 'waits'];

export interface Ground {
  airflow: string;
  launcher: 'airflow' | 'fast';
}

/** A stack with two workers and the DAGs of test/fixtures/behaviour, that loses patience with lost tasks soon. */
export class BehaviourStack {
  private constructor(
    readonly folder: string,
    readonly major: 2 | 3,
    readonly site: string,
    readonly login: Login,
    readonly rest: RestCalls,
  ) {}

  static async boot({ airflow, launcher }: Ground): Promise<BehaviourStack> {
    const cwd = emptyFolder(`behaviour-${airflow}-${launcher}`);
    const major = airflow.startsWith('2') ? 2 : 3;
    try {
      for (const name of ['dags', 'plugins'])
        cpSync(join(FIXTURES, name), join(cwd, name), { recursive: true });
      const hidden = join(cwd, 'logs/dag_id=gated');
      mkdirSync(hidden, { recursive: true });
      chmodSync(hidden, 0o777); // the disk in memory that lies over it gets its mode
      writeFileSync(join(cwd, 'compose.override.yaml'), OVERRIDE);
      const set = Object.entries(SETTINGS[major]).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
      await gatherOk(['init', '--yes', '--airflow', airflow, ...set], { cwd });
      if (launcher === 'fast') appendFileSync(join(cwd, 'gather.yaml'), 'launcher: fast\n');
      await gatherOk(['up', '--yes', '--timeout', '500'], { cwd });
      const stack = await BehaviourStack.of(cwd, major);
      await stack.hasItsDags();
      return stack;
    } catch (error) {
      await leave(cwd);
      throw error;
    }
  }

  /** The stack of a project that runs. */
  static async of(folder: string, major: 2 | 3): Promise<BehaviourStack> {
    const value = async (name: string) =>
      (await gatherJson<{ value: string }>(['env', 'get', name], { cwd: folder })).value;
    const login = {
      username: await value('_AIRFLOW_WWW_USER_USERNAME'),
      password: await value('_AIRFLOW_WWW_USER_PASSWORD'),
    };
    const site = (await value('AIRFLOW_URL')).replace(/\/$/, '');
    return new BehaviourStack(folder, major, site, login, new RestCalls({ base: site, major, login }));
  }

  async end(): Promise<void> {
    await leave(this.folder);
  }

  /** Starts a run of a DAG. */
  async start(dag: string): Promise<BehaviourRun> {
    const id = `${dag}-${randomUUID().slice(0, 8)}`;
    const body = { dag_run_id: id, ...(this.major === 3 && { logical_date: null }) };
    await this.rest.json('POST', `/dags/${dag}/dagRuns`, body);
    return new BehaviourRun(this.rest, this.folder, dag, id);
  }

  /** Flask-AppBuilder's part of Airflow 3's API. */
  async fab(path: string): Promise<Json> {
    const login = { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(this.login) };
    const { access_token } = JSON.parse((await ask(`${this.site}/auth/token`, login)).body);
    const headers = { authorization: `Bearer ${access_token}` };
    const { status, body } = await ask(`${this.site}/auth/fab/v1${path}`, { headers });
    if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
    return JSON.parse(body) as Json;
  }

  /** Somebody at the web UI, logged in by the form; the web user where no other is named. */
  async person(login = this.login): Promise<WebSession> {
    const session = new WebSession(this.site);
    await session.login(login.username, login.password, this.major === 2 ? '/login/' : '/auth/login/');
    return session;
  }

  worker(number: 1 | 2): Promise<Inspected> {
    return this.container(`airflow-worker-${number}`);
  }

  async container(name: string): Promise<Inspected> {
    const found = (await containersOf(this.folder)).get(name);
    if (!found) throw new Error(`there is no ${name}`);
    return found;
  }

  /** The same stack, usable: with the workers that an earlier test has stopped, killed or paused. */
  async whole(): Promise<this> {
    for (const { Id, State } of [await this.worker(1), await this.worker(2)])
      if (State.Status !== 'running') await dockerOk([State.Status === 'paused' ? 'unpause' : 'start', Id]);
    await until(
      () => gather(['status'], { cwd: this.folder }),
      ({ code }) => code === 0,
      120,
    );
    return this;
  }

  private async hasItsDags(): Promise<void> {
    const known = async () => (await this.rest.all('/dags?', 'dags')).map(({ dag_id }) => dag_id).sort();
    await until(known, (names) => JSON.stringify(names) === JSON.stringify(DAGS));
    for (const dag of DAGS)
      await this.rest.json('PATCH', `/dags/${dag}?update_mask=is_paused`, { is_paused: false });
  }
}

async function leave(cwd: string): Promise<void> {
  await gather(['down', '--volumes', '--yes'], { cwd });
  rmSync(cwd, { recursive: true, force: true });
}
