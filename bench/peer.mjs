// A peer of gather: a Compose file of the bench's own, on the same image, with stock entrypoint and stock `airflow`.
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Airflow } from './airflow.mjs';
import { atEnd } from './clean-up.mjs';
import { writeDag } from './dag.mjs';
import { run } from './measure.mjs';

export class Peer {
  /** `file` is relative to bench/; `images` are AIRFLOW_IMAGE and its like */
  constructor(file, { major, images }) {
    this.folder = mkdtempSync(join(tmpdir(), 'gather-bench-peer-'));
    for (const folder of ['dags', 'logs', 'config', 'plugins']) {
      mkdirSync(join(this.folder, folder));
      chmodSync(join(this.folder, folder), 0o777); // Airflow runs as another user
    }
    chmodSync(this.folder, 0o755);
    copyFileSync(fileURLToPath(new URL(file, import.meta.url)), join(this.folder, 'compose.yaml'));
    writeDag(this.folder, 'bench_tiny');
    this.env = {
      ...process.env,
      ...images,
      COMPOSE_PROJECT_NAME: basename(this.folder).toLowerCase(),
    };
    this.api = new Airflow({ base: 'http://localhost:18080', major, user: 'airflow', password: 'airflow' });
    this.forget = atEnd(() => this.remove());
  }

  compose(...args) {
    return run('docker', ['compose', ...args], { cwd: this.folder, env: this.env });
  }

  up() {
    return this.compose('up', '--detach', '--wait', '--wait-timeout', '600');
  }

  start() {
    return this.compose('up', '--detach');
  }

  down({ volumes = false } = {}) {
    return this.compose('down', ...(volumes ? ['--volumes'] : []));
  }

  running() {
    return this.compose('ps', '--quiet', '--no-trunc').split('\n').filter(Boolean);
  }

  remove() {
    this.forget();
    this.down({ volumes: true });
    rmSync(this.folder, { recursive: true, force: true });
  }
}
