// gather's side: a project of its own in a temporary folder, on the bench's own ports.
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Airflow } from './airflow.mjs';
import { atEnd } from './clean-up.mjs';
import { writeDag } from './dag.mjs';
import { run } from './measure.mjs';

export const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const PORTS = ['PROXY_PORT=18088', 'AIRFLOW_WEB_PORT=18089'];
const FLOWER_PORT = 'FLOWER_PORT=18055';

/** Points docker and this process at the engine that gather uses. */
export function useEngine() {
  Object.assign(process.env, JSON.parse(run('node', [MAIN, 'engine', 'env', '--output', 'json'])).data);
}

export class Stack {
  /** `main` is the build of gather that the project is made and driven with; what `settings` say of a port counts. */
  constructor(version, { topology = 'celery', components = [], settings = [], launcher, main = MAIN } = {}) {
    this.main = main;
    this.major = Number(version.split('.')[0]);
    this.folder = mkdtempSync(join(tmpdir(), 'gather-bench-'));
    this.forget = atEnd(() => this.remove());
    const ports = topology === 'celery' ? [...PORTS, FLOWER_PORT] : PORTS;
    const more = [
      ...components.flatMap((name) => ['--component', name]),
      ...[...ports, ...settings].flatMap((setting) => ['--set', setting]),
    ];
    this.gather('init', '--yes', '--airflow', version, '--topology', topology, ...more);
    if (launcher) appendFileSync(join(this.folder, 'gather.yaml'), `launcher: ${launcher}\n`);
    // the same DAGs as the other sides have: gather's examples are three more files to parse
    for (const name of readdirSync(join(this.folder, 'dags')))
      if (!name.startsWith('.')) rmSync(join(this.folder, 'dags', name), { recursive: true });
    writeDag(this.folder, 'bench_tiny');
  }

  gather(...args) {
    return run('node', [this.main, ...args], { cwd: this.folder });
  }

  up(...args) {
    return this.gather('up', '--yes', '--timeout', '400', ...args);
  }

  down({ volumes = false } = {}) {
    return this.gather('down', '--yes', ...(volumes ? ['--volumes'] : []));
  }

  setting(name) {
    return this.gather('env', 'get', name).trim();
  }

  compose(...args) {
    return run('docker', ['compose', ...args], { cwd: this.folder });
  }

  /** The containers' full ids, init's that has ended among them. */
  containers() {
    return this.compose('ps', '--all', '--quiet', '--no-trunc').split('\n').filter(Boolean);
  }

  running() {
    return this.compose('ps', '--quiet', '--no-trunc').split('\n').filter(Boolean);
  }

  get api() {
    return new Airflow({
      base: `http://localhost:${this.setting('AIRFLOW_WEB_PORT')}`,
      major: this.major,
      user: this.setting('_AIRFLOW_WWW_USER_USERNAME'),
      password: this.setting('_AIRFLOW_WWW_USER_PASSWORD'),
    });
  }

  remove() {
    this.forget();
    this.down({ volumes: true });
    rmSync(this.folder, { recursive: true, force: true });
  }
}
