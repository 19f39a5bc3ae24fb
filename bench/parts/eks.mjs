// All of system 3: cold and warm boot until a DAG that queries Trino has succeeded, Keycloak and Trino alone, memory at rest, `up` again.
import { cpSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuOfContainers, median, run, seconds, secondsUntil, sleep, usage } from '../measure.mjs';
import { Peer } from '../peer.mjs';
import { Stack } from '../stack.mjs';

const DAG = 'bench_lake';
const SETTINGS = [
  'S3_PORT=18090',
  'S3_CONSOLE_PORT=18091',
  'KEYCLOAK_PORT=18180',
  'TRINO_PORT=18190',
  'TRINO_HTTPS_PORT=18443',
];
const KEYCLOAK = 'http://localhost:18180/realms/gather';
const SETTLE_MS = 30_000;

/** Figure → at least so many times less than the peer, or a limit of its own. */
const GOALS = {
  'cold boot, DAG succeeded': { times: 3 },
  'warm boot, DAG succeeded': { times: 4 },
  'Keycloak alone, first boot': { times: 2.5 },
  'Keycloak alone, later boot': { times: 2.5 },
  'Trino alone, first boot': { times: 2.5 },
  'Trino alone, later boot': { times: 2.5 },
  'idle memory': { times: 1 / 0.6, says: '≤ 0.6×' },
  'up again': { atMost: 0.6, says: '≤ 0.6 s' },
};
const UNITS = { 'idle memory': 'bytes' };

export async function eks({ version, runs, rows }) {
  // (the peer's file has the services of Airflow 2)
  if (!version.startsWith('2.')) return;
  const own = new OwnSide(version);
  const sides = { peer: new PeerSide(own.imagesOnce()), gather: own };
  const figures = {};
  for (let round = 0; round < runs; round++)
    for (const [name, side] of round % 2 ? Object.entries(sides).reverse() : Object.entries(sides))
      for (const measure of [wholeOf, partsOf])
        for (const [figure, value] of Object.entries(await measure(side))) {
          console.error(`  ${name}, ${figure}: ${value.toFixed(2)}`);
          figures[figure] ??= { peer: [], gather: [] };
          figures[figure][name].push(value);
        }
  for (const [figure, values] of Object.entries(figures)) rows.push(...rowsOf(figure, values, version, runs));
  for (const side of Object.values(sides)) side.remove();
}

function rowsOf(figure, values, version, runs) {
  const unit = UNITS[figure] ?? (/alone|CPU/.test(figure) ? 'CPU s' : 's');
  const row = { part: 'eks', figure, version, unit, runs };
  const [peer, own] = [median(values.peer), median(values.gather)];
  const { times, atMost, says } = GOALS[figure] ?? {};
  const goal = says ?? (times && `≥ ${times}×`);
  const met = atMost === undefined ? times && peer / own >= times : own <= atMost;
  return [
    { ...row, side: 'peer', value: peer },
    { ...row, side: 'gather', value: own, ratio: peer / own, ...(goal && { goal, met }) },
  ];
}

/** The whole stack: seconds until usable, and the CPU seconds of it, which are the least that its cores could take. */
async function wholeOf(side) {
  const cold = await bootOf(side, { isFirst: true });
  const again = await seconds(() => side.up());
  await sleep(SETTLE_MS);
  const { memory } = usage(side.running());
  side.down();
  const warm = await bootOf(side);
  side.down({ volumes: true });
  return {
    'cold boot, DAG succeeded': cold.wall,
    'cold boot, CPU of it ÷ cores': cold.cpu / cpus().length,
    'warm boot, DAG succeeded': warm.wall,
    'warm boot, CPU of it ÷ cores': warm.cpu / cpus().length,
    'idle memory': memory,
    'up again': again,
  };
}

async function bootOf(side, { isFirst = false } = {}) {
  const before = cpuOfContainers();
  const wall = await seconds(async () => {
    side.up();
    if (isFirst) side.deliver();
    await side.api.runSucceeds(DAG);
  });
  return { wall, cpu: cpuOfContainers() - before };
}

/**
 * Keycloak beside its database alone, then Trino beside both, since gather's takes its keys from there: the CPU seconds of one's own
 * container, on an empty database and once more.
 */
async function partsOf(side) {
  const figures = {};
  for (const boot of ['first', 'later']) {
    side.compose('up', '--detach', '--wait', 'postgres');
    for (const [title, service, answers] of [
      ['Keycloak', 'keycloak', () => realmAnswers()],
      ['Trino', 'trino', () => side.selects()],
    ]) {
      side.compose('up', '--detach', '--no-deps', service);
      await secondsUntil(answers, { what: title, pause: 250 });
      const [id] = side.compose('ps', '--quiet', '--no-trunc', service).split('\n');
      figures[`${title} alone, ${boot} boot`] = usage([id]).cpu;
    }
    side.down();
  }
  side.down({ volumes: true });
  return figures;
}

const realmAnswers = () =>
  fetch(KEYCLOAK).then(
    ({ ok }) => ok,
    () => false,
  );

const dag = `# an airflow dag of the bench
from airflow import DAG
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator

with DAG("${DAG}", schedule=None):
    SQLExecuteQueryOperator(
        task_id="ask",
        conn_id="trino_default",
        sql=[
            "CREATE SCHEMA IF NOT EXISTS iceberg.bench",
            "CREATE TABLE IF NOT EXISTS iceberg.bench.nation AS SELECT * FROM tpch.tiny.nation",
            "SELECT count(*) FROM iceberg.bench.nation",
        ],
    )
`;
const writeDag = (folder) => writeFileSync(join(folder, 'dags', `${DAG}.py`), dag, { mode: 0o644 });

class OwnSide extends Stack {
  constructor(version) {
    super(version, { topology: 'eks', settings: SETTINGS });
    writeDag(this.folder);
  }

  /** Up once, and down with its volumes: after that its images are there. */
  imagesOnce() {
    this.up();
    const { services } = JSON.parse(this.compose('config', '--format', 'json'));
    this.down({ volumes: true });
    const image = (service) => services[service].image;
    return {
      AIRFLOW_IMAGE: image('airflow-scheduler'),
      POSTGRES_IMAGE: image('postgres'),
      MINIO_IMAGE: image('minio'),
      KEYCLOAK_IMAGE: image('keycloak'),
      TRINO_IMAGE: image('trino'),
    };
  }

  /** The DAGs are in a bucket, which is empty at first. */
  deliver() {
    this.gather('dags', 'push', '--yes');
  }

  selects() {
    try {
      this.gather('trino', '--', 'SELECT 1');
      return true;
    } catch {
      return false;
    }
  }
}

class PeerSide extends Peer {
  constructor(images) {
    super('eks/compose.yaml', { major: 2, images });
    const files = fileURLToPath(new URL('../eks/', import.meta.url));
    cpSync(files, this.folder, { recursive: true, filter: (path) => basename(path) !== 'compose.yaml' });
    run('chmod', ['-R', 'a+rX', this.folder]);
    writeDag(this.folder);
  }

  deliver() {
    // its DAGs are mounted
  }

  async selects() {
    try {
      const headers = { 'x-trino-user': 'bench' };
      const ask = (url, more) => fetch(url, { headers, ...more }).then((answer) => answer.json());
      let answer = await ask('http://localhost:18190/v1/statement', { method: 'POST', body: 'SELECT 1' });
      while (answer.nextUri && !answer.error) answer = await ask(answer.nextUri);
      return answer.stats.state === 'FINISHED';
    } catch {
      return false;
    }
  }
}
