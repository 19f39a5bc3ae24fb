import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from './browser.js';
import { containersOf } from './docker.js';
import { emptyFolder, gatherJson, gatherOk, ODD } from './gather.js';
import { KeycloakAdmin } from './keycloak.js';

/** A program of the project's own, which logs in for itself; with a hyphen, which no shell has in a variable's name. */
const PROGRAM = `x-gather:
  summary: A program
  variables: { PROGRAM_SECRET: { generate: token } }
  offers:
    oidc-client: [{ id: my-program, secret: "\${PROGRAM_SECRET}", service: "true", audience: my-api }]
`;

/** Realms of the project's own: what the stack's begins with, and another one. */
const REALMS = {
  ours: {
    realm: 'gather',
    enabled: true,
    displayName: 'Ours, ${of} "us" \\',
    roles: { realm: [{ name: 'auditor' }] },
  },
  partners: { realm: 'partners', enabled: true, clients: [{ clientId: 'shop', publicClient: true }] },
};

/** Where an account of Airflow itself is: odd characters in every secret that somebody logs in with. */
export const LOCAL = { username: 'root', password: ODD.webPassword };

/** A stack with Keycloak, and people at it in a real browser. */
export class LoginStack {
  readonly cwd: string;
  site = '';
  private browser: Browser | undefined;
  private readonly secrets = new Map<string, string>();

  constructor(readonly airflow: string) {
    this.cwd = emptyFolder(`login-${airflow}`);
  }

  get major(): number {
    return Number(this.airflow.split('.')[0]);
  }

  /** Boots it. `settings` come beside odd passwords, `components` beside those of a login. */
  async start(settings: Record<string, string> = {}, components: string[] = []): Promise<void> {
    for (const name of ['components', 'topologies'])
      mkdirSync(join(this.cwd, 'compose', name), { recursive: true });
    writeFileSync(join(this.cwd, 'compose/components/program.yaml'), PROGRAM);
    const all = ['postgres', 'airflow', 'airflow-2', 'airflow-3', 'local', 'proxy', 'keycloak', 'program'];
    writeFileSync(
      join(this.cwd, 'compose/topologies/login.yaml'),
      `components: [${[...all, ...components].join(', ')}]\n`,
    );
    const odd = {
      _AIRFLOW_WWW_USER_USERNAME: LOCAL.username,
      _AIRFLOW_WWW_USER_PASSWORD: LOCAL.password,
      KEYCLOAK_ADMIN_PASSWORD: ODD.airflowPassword,
      KEYCLOAK_DB_PASSWORD: ODD.postgresPassword,
      KEYCLOAK_PERSON_USER_PASSWORD: ODD.redisPassword,
      KEYCLOAK_AIRFLOW_SECRET: ODD.airflowPassword,
      PROGRAM_SECRET: ODD.webPassword,
    };
    const set = Object.entries({ ...odd, ...settings }).flatMap(([name, value]) => [
      '--set',
      `${name}=${value}`,
    ]);
    const { cwd, airflow } = this;
    await gatherOk(['init', '--yes', '--topology', 'login', '--airflow', airflow, ...set], { cwd });
    mkdirSync(join(cwd, 'config/keycloak'), { recursive: true });
    for (const [name, realm] of Object.entries(REALMS))
      writeFileSync(join(cwd, 'config/keycloak', `${name}.json`), JSON.stringify(realm, null, 2));
    await this.up();
    this.browser = await startBrowser();
  }

  async end(): Promise<void> {
    await this.browser?.close();
    await gatherOk(['down', '--volumes', '--yes'], { cwd: this.cwd });
    rmSync(this.cwd, { recursive: true });
  }

  async up(): Promise<void> {
    const { links } = await gatherJson<{ links: Record<string, string> }>(
      ['up', '--yes', '--timeout', '300'],
      { cwd: this.cwd },
    );
    this.site = links.Airflow?.replace(/\/$/, '') ?? '';
    for (const name of ['ADMIN', 'PERSON_ADMIN', 'PERSON_USER', 'PERSON_VIEWER', 'PERSON_PUBLIC'])
      this.secrets.set(name, await this.envValue(`KEYCLOAK_${name}_PASSWORD`));
  }

  async envValue(name: string): Promise<string> {
    return (await gatherJson<{ value: string }>(['env', 'get', name], { cwd: this.cwd })).value;
  }

  passwordOf(person: string): string {
    return this.secrets.get(`PERSON_${person.toUpperCase()}`) ?? '';
  }

  /** Keycloak's administrator's, and those of all people. */
  passwords(): string[] {
    return [...this.secrets.values()];
  }

  async keycloakUrl(): Promise<string> {
    return (await this.envValue('KEYCLOAK_URL')).replace(/\/$/, '');
  }

  async keycloak(realm = 'gather'): Promise<KeycloakAdmin> {
    const password = this.secrets.get('ADMIN') ?? '';
    return KeycloakAdmin.logIn(await this.keycloakUrl(), realm, { username: 'admin', password });
  }

  async containerOf(service: string): Promise<string> {
    return (await containersOf(this.cwd)).get(`${service}-1`)?.Id ?? '';
  }

  /** A page in a browser without a past. */
  async page(): Promise<Page> {
    if (!this.browser) throw new Error('the stack has not been started');
    return (await this.browser.newContext()).newPage();
  }

  /** At Keycloak's form, where Airflow's own page has a button that leads there. */
  async atKeycloak(): Promise<Page> {
    const page = await this.page();
    await page.goto(`${this.site}/`);
    await page.click('#keycloak');
    await page.waitForSelector('#kc-login');
    return page;
  }

  async logIn(person: string, password = this.passwordOf(person)): Promise<Page> {
    const page = await this.atKeycloak();
    await submit(page, person, password);
    await this.isIn(page);
    return page;
  }

  async isIn(page: Page): Promise<void> {
    await page.waitForURL(
      (url) => url.href.startsWith(`${this.site}/`) && !/login|oauth-authorized|^\/auth\b/.test(url.pathname),
    );
  }

  /** Status codes of the API for the person whose page this is: the list of DAGs, starting one, the stored variables. */
  async may(page: Page): Promise<number[]> {
    for (let left = 5; ; left--) {
      try {
        return await this.asked(page);
      } catch (error) {
        // (a network of this machine that comes or goes ends requests of Chromium, as in browser.ts)
        if (left === 0 || !String(error).includes('Failed to fetch')) throw error;
      }
    }
  }

  private asked(page: Page): Promise<number[]> {
    return page.evaluate(
      async ({ api, body }) => {
        const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
        const answers = await Promise.all([
          fetch(`${api}/dags`),
          fetch(`${api}/dags/hello_taskflow/dagRuns`, post),
          fetch(`${api}/variables`),
        ]);
        return answers.map(({ status }) => status);
      },
      this.major === 2 ? { api: '/api/v1', body: '{}' } : { api: '/api/v2', body: '{"logical_date":null}' },
    );
  }
}

/** Fills in Keycloak's form and sends it. */
export async function submit(page: Page, person: string, password: string): Promise<void> {
  await page.fill('#username', person);
  await page.fill('#password', password);
  await page.click('#kc-login');
}
