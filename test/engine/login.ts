import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBrowser } from './browser.js';
import { containersOf, dockerOk, until } from './docker.js';
import { emptyFolder, gather, gatherJson, gatherOk, ODD } from './gather.js';
import { KeycloakAdmin, tokenOf } from './keycloak.js';
import { ask } from './web.js';

/** A program of the project's own, which logs in for itself; with a hyphen, which no shell has in a variable's name. */
const PROGRAM = `x-gather:
  summary: A program
  variables: { PROGRAM_SECRET: { generate: token } }
  offers:
    oidc-client: [{ id: my-program, secret: "\${PROGRAM_SECRET}", service: "true", audience: my-api }]
`;

/** What a person may, by the answer to: the list of DAGs, starting one, the stored variables. */
const MAY = {
  admin: [200, 200, 200],
  user: [200, 200, 403],
  viewer: [200, 403, 403],
  public: [403, 403, 403],
};

/** Airflow's login through Keycloak, by the line of Airflow: people in a real browser. */
export function describeLogin(airflow: string): void {
  const major = Number(airflow.split('.')[0]);
  const cwd = emptyFolder(`login-${major}`);
  let browser: Browser;
  let site = '';
  const secrets: Record<string, string> = {};
  const local = { username: 'root', password: ODD.webPassword };

  beforeAll(async () => {
    for (const name of ['components', 'topologies'])
      mkdirSync(join(cwd, 'compose', name), { recursive: true });
    writeFileSync(join(cwd, 'compose/components/program.yaml'), PROGRAM);
    writeFileSync(
      join(cwd, 'compose/topologies/login.yaml'),
      'components: [postgres, airflow, airflow-2, airflow-3, local, proxy, keycloak, program]\n',
    );
    const settings = {
      _AIRFLOW_WWW_USER_USERNAME: local.username,
      _AIRFLOW_WWW_USER_PASSWORD: local.password,
      KEYCLOAK_ADMIN_PASSWORD: ODD.airflowPassword,
      KEYCLOAK_DB_PASSWORD: ODD.postgresPassword,
      KEYCLOAK_PERSON_USER_PASSWORD: ODD.redisPassword,
      KEYCLOAK_AIRFLOW_SECRET: ODD.airflowPassword,
      PROGRAM_SECRET: ODD.webPassword,
    };
    const set = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
    await gatherOk(['init', '--yes', '--topology', 'login', '--airflow', airflow, ...set], { cwd });
    await up();
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await gatherOk(['down', '--volumes', '--yes'], { cwd });
    rmSync(cwd, { recursive: true });
  });

  async function up(): Promise<void> {
    const { links } = await gatherJson<{ links: Record<string, string> }>(
      ['up', '--yes', '--timeout', '300'],
      { cwd },
    );
    site = links.Airflow?.replace(/\/$/, '') ?? '';
    for (const name of ['ADMIN', 'PERSON_ADMIN', 'PERSON_USER', 'PERSON_VIEWER', 'PERSON_PUBLIC'])
      secrets[name] = await envValue(`KEYCLOAK_${name}_PASSWORD`);
  }
  const envValue = async (name: string) =>
    (await gatherJson<{ value: string }>(['env', 'get', name], { cwd })).value;
  const passwordOf = (person: string) => secrets[`PERSON_${person.toUpperCase()}`] ?? '';
  const keycloakUrl = async () => (await envValue('KEYCLOAK_URL')).replace(/\/$/, '');
  const keycloak = async () =>
    KeycloakAdmin.logIn(await keycloakUrl(), 'gather', { username: 'admin', password: secrets.ADMIN ?? '' });
  const containerOf = async (service: string) => (await containersOf(cwd)).get(`${service}-1`)?.Id ?? '';

  /** A page in a browser without a past, at Keycloak's form. */
  async function atKeycloak(): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${site}/`);
    await page.click('#keycloak');
    await page.waitForSelector('#kc-login');
    return page;
  }
  async function submit(page: Page, person: string, password: string): Promise<void> {
    await page.fill('#username', person);
    await page.fill('#password', password);
    await page.click('#kc-login');
  }
  async function logIn(person: string, password = passwordOf(person)): Promise<Page> {
    const page = await atKeycloak();
    await submit(page, person, password);
    await page.waitForURL(
      (url) => url.href.startsWith(`${site}/`) && !/login|oauth-authorized/.test(url.pathname),
    );
    return page;
  }
  async function logOut(page: Page): Promise<void> {
    if (major === 2)
      await page
        .locator('form[action*="logout"]')
        .first()
        .evaluate((form) => (form as unknown as { submit(): void }).submit());
    else await page.goto(`${site}/api/v2/auth/logout`);
    await page.waitForSelector('#keycloak');
  }
  /** Status codes of the API, asked as the person whose page this is. */
  const may = (page: Page) =>
    page.evaluate(
      async ({ api, body }) => {
        const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
        const answers = await Promise.all([
          fetch(`${api}/dags`),
          fetch(`${api}/dags/hello_taskflow/dagRuns`, post),
          fetch(`${api}/variables`),
        ]);
        return answers.map(({ status }) => status);
      },
      major === 2 ? { api: '/api/v1', body: '{}' } : { api: '/api/v2', body: '{"logical_date":null}' },
    );

  describe.each(Object.entries(MAY))('%s', (person, expected) => {
    test('logs in, and may do what the role may', async () => {
      const page = await logIn(person);
      expect(await may(page)).toEqual(expected);
      if (expected[0] === 200) await page.getByText('hello_taskflow', { exact: true }).first().waitFor();
      await page.context().close();
    });
  });

  test('a role that is changed in Keycloak holds at the next login, not before', async () => {
    const admin = await keycloak();
    const page = await logIn('viewer');
    await admin.giveRole('viewer', 'user');
    expect(await may(page)).toEqual(MAY.viewer);
    await logOut(page);
    await page.click('#keycloak');
    await submit(page, 'viewer', passwordOf('viewer'));
    await page.waitForURL((url) => url.href.startsWith(`${site}/`) && !/login|oauth/.test(url.pathname));
    expect(await may(page)).toEqual(MAY.user);
    await admin.takeRole('viewer', 'user');
    await page.context().close();
    const again = await logIn('viewer');
    expect(await may(again)).toEqual(MAY.viewer);
    await again.context().close();
  });

  test('logging out ends both sessions, without a question', async () => {
    const page = await logIn('user');
    await logOut(page);
    expect(await may(page)).not.toContain(200);
    await page.click('#keycloak');
    await page.waitForSelector('#kc-login');
    await page.context().close();
  });

  test('a wrong password and a disabled person are told so', async () => {
    const page = await atKeycloak();
    await submit(page, 'viewer', 'wrong');
    await page.getByText('Invalid username or password.').waitFor();
    const admin = await keycloak();
    await admin.enable('public', false);
    await submit(page, 'public', passwordOf('public'));
    await page.getByText('Account is disabled').waitFor();
    await admin.enable('public', true);
    await page.context().close();
  });

  test('a person with the name of the local account does not become it', async () => {
    const admin = await keycloak();
    await admin.make('root', 'password-of-root', 'viewer');
    const page = await atKeycloak();
    await submit(page, 'root', 'password-of-root');
    await page.getByText('root is the name of a local account').waitFor();
    await page.context().close();
  });

  test('a program gets a token for itself, for whom it is', async () => {
    const url = await keycloakUrl();
    const { iss, aud, azp } = await tokenOf(url, 'gather', 'my-program', ODD.webPassword);
    expect({ iss, azp }).toEqual({ iss: `${url}/realms/gather`, azp: 'my-program' });
    expect([aud].flat()).toContain('my-api');
    await expect(tokenOf(url, 'gather', 'my-program', 'wrong')).rejects.toThrow('401');
  });

  test('no secret is an argument of a process, or in a file that everybody may read', async () => {
    const lines = await dockerOk([
      'exec',
      await containerOf('keycloak'),
      'sh',
      '-c',
      'cat /proc/[0-9]*/cmdline',
    ]);
    expect(lines).toContain('quarkus-run.jar');
    const files = await dockerOk([
      'exec',
      await containerOf('keycloak'),
      'sh',
      '-c',
      'cat /tmp/realm-in-step',
    ]);
    for (const secret of [...Object.values(secrets), ODD.postgresPassword, ODD.webPassword])
      expect(lines + files).not.toContain(secret);
  });

  test('a realm that is not there is not ready', async () => {
    const id = await containerOf('keycloak');
    const ready = (realm: string) => dockerOk(['exec', id, '/opt/keycloak/bin/realm-ready', realm]);
    await ready('gather');
    await expect(ready('other')).rejects.toThrow('the realm other does not answer');
  });

  test("while Keycloak is away the page says so, and the local account gets in; gather's own calls go on", async () => {
    await dockerOk(['stop', await containerOf('keycloak')]);
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${site}/`);
    await page.click('#keycloak');
    await page.getByText('Keycloak does not answer').waitFor();
    await page.fill('input[name=username]', local.username);
    await page.fill('input[name=password]', local.password);
    await page.click('input[type=submit]');
    await page.waitForURL((url) => !url.pathname.includes('login'));
    expect(await may(page)).toEqual(MAY.admin);
    await page.context().close();
    expect((await gatherOk(['dags', 'list'], { cwd })).stdout).toContain('hello_taskflow');
    expect((await gather(['status'], { cwd })).code).toBe(4);
  });

  test('a new secret, port and password come into step with up; what somebody made stays', async () => {
    const port = Number(await envValue('KEYCLOAK_PORT')) + 7;
    await gatherOk(['env', 'set', 'KEYCLOAK_PORT', String(port)], { cwd });
    const rotate = ['KEYCLOAK_AIRFLOW_SECRET', 'KEYCLOAK_PERSON_ADMIN_PASSWORD'];
    await gatherOk(['init', '--yes', ...rotate.flatMap((name) => ['--rotate', name])], { cwd });
    const before = passwordOf('admin');
    await up();
    expect(passwordOf('admin')).not.toBe(before);
    expect(await keycloakUrl()).toBe(`http://localhost:${port}`);
    const page = await logIn('admin');
    expect(await may(page)).toEqual(MAY.admin);
    await page.context().close();
    expect(await (await keycloak()).roles('root')).toContain('viewer');
    expect((await gather(['up'], { cwd })).stdout).toContain('nothing had to change');
  });

  test("a project's own config/webserver_config.py takes its place", async () => {
    writeFileSync(
      join(cwd, 'config/webserver_config.py'),
      'from flask_appbuilder.const import AUTH_DB\nAUTH_TYPE = AUTH_DB\n',
    );
    await gatherOk(['restart', major === 2 ? 'airflow-webserver' : 'airflow-apiserver'], { cwd });
    const form = `${site}${major === 2 ? '' : '/auth'}/login/`;
    const { body } = await until(
      () => ask(form),
      ({ status }) => status === 200,
      120,
    );
    expect(body).toContain('name="password"');
    expect(body).not.toContain('id="keycloak"');
  });
}
