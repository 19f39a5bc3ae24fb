import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AirflowApi } from './airflow-api.js';
import { containersOf, type Inspected } from './docker.js';
import { emptyFolder, gatherJson, gatherOk, ODD } from './gather.js';

/** All of the topology `eks`, with odd passwords and a catalog of the project's own. */
export class EksStack {
  readonly cwd = emptyFolder('eks');
  containers = new Map<string, Inspected>();
  #api?: AirflowApi;

  /** Its own ports: MinIO stops for a while, and nobody else is to take its port. */
  async boot(): Promise<void> {
    mkdirSync(join(this.cwd, 'config/trino/catalog'), { recursive: true });
    // Trino reads them at its start
    writeFileSync(join(this.cwd, 'config/trino/catalog/own.properties'), 'connector.name = memory\n');
    const settings = {
      S3_PORT: '18302',
      S3_CONSOLE_PORT: '18303',
      TRINO_DB_PASS: ODD.airflowPassword,
      S3_TRINO_SECRET_KEY: ODD.webPassword,
      S3_AIRFLOW_SECRET_KEY: ODD.redisPassword,
    };
    const set = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
    await gatherOk(['init', '--yes', '--topology', 'eks', ...set], { cwd: this.cwd });
    await this.up();
  }

  async up(): Promise<void> {
    const { links } = await gatherJson<{ links: Record<string, string> }>(
      ['up', '--yes', '--timeout', '400'],
      { cwd: this.cwd },
    );
    this.containers = await containersOf(this.cwd);
    const url = (links.Airflow ?? '').replace(/\/$/, '');
    const username = await this.value('_AIRFLOW_WWW_USER_USERNAME');
    const password = await this.value('_AIRFLOW_WWW_USER_PASSWORD');
    this.#api = new AirflowApi({ folder: this.cwd, proxyUrl: url, webUrl: url, username, password });
  }

  async remove(): Promise<void> {
    await gatherOk(['down', '--volumes', '--yes'], { cwd: this.cwd });
    rmSync(this.cwd, { recursive: true });
  }

  get api(): AirflowApi {
    if (!this.#api) throw new Error('the stack was not booted');
    return this.#api;
  }

  /** Of a variable of `.env`. */
  async value(name: string): Promise<string> {
    return (await gatherJson<{ value: string }>(['env', 'get', name], { cwd: this.cwd })).value;
  }

  idOf(service: string): string {
    return this.containers.get(`${service}-1`)?.Id ?? '';
  }
}
