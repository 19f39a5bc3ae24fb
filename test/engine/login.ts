import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dockerOk, until } from './docker.js';
import { gather, gatherOk, ODD } from './gather.js';
import { tokenOf } from './keycloak.js';
import { LOCAL, LoginStack, submit } from './login-stack.js';
import { ask } from './web.js';

/** What a person may, by the answer to: the list of DAGs, starting one, the stored variables. */
const MAY = {
  admin: [200, 200, 200],
  user: [200, 200, 403],
  viewer: [200, 403, 403],
  public: [403, 403, 403],
};

/** Airflow's login through Keycloak, by the line of Airflow: people in a real browser. */
export function describeLogin(airflow: string): void {
  const stack = new LoginStack(airflow);
  const { cwd, major } = stack;
  beforeAll(() => stack.start());
  afterAll(() => stack.end());

  async function logOut(page: Page): Promise<void> {
    if (major === 2)
      await page
        .locator('form[action*="logout"]')
        .first()
        .evaluate((form) => (form as unknown as { submit(): void }).submit());
    else await page.goto(`${stack.site}/api/v2/auth/logout`);
    await page.waitForSelector('#keycloak');
  }

  describe.each(Object.entries(MAY))('%s', (person, expected) => {
    test('logs in, and may do what the role may', async () => {
      const page = await stack.logIn(person);
      expect(await stack.may(page)).toEqual(expected);
      if (expected[0] === 200) {
        // Airflow 3 shows figures first
        if (major >= 3) await page.goto(`${stack.site}/dags`);
        await page.getByText('hello_taskflow', { exact: true }).first().waitFor();
      }
      await page.context().close();
    });
  });

  test('a role that is changed in Keycloak holds at the next login, not before', async () => {
    const admin = await stack.keycloak();
    const page = await stack.logIn('viewer');
    await admin.giveRole('viewer', 'user');
    expect(await stack.may(page)).toEqual(MAY.viewer);
    await logOut(page);
    await page.click('#keycloak');
    await submit(page, 'viewer', stack.passwordOf('viewer'));
    await stack.isIn(page);
    expect(await stack.may(page)).toEqual(MAY.user);
    await admin.takeRole('viewer', 'user');
    await page.context().close();
    const again = await stack.logIn('viewer');
    expect(await stack.may(again)).toEqual(MAY.viewer);
    await again.context().close();
  });

  test('logging out ends both sessions, without a question', async () => {
    const page = await stack.logIn('user');
    await logOut(page);
    expect(await stack.may(page)).not.toContain(200);
    await page.click('#keycloak');
    await page.waitForSelector('#kc-login');
    await page.context().close();
  });

  test('a wrong password and a disabled person are told so', async () => {
    const page = await stack.atKeycloak();
    await submit(page, 'viewer', 'wrong');
    await page.getByText('Invalid username or password.').waitFor();
    const admin = await stack.keycloak();
    await admin.enable('public', false);
    await submit(page, 'public', stack.passwordOf('public'));
    await page.getByText('Account is disabled').waitFor();
    await admin.enable('public', true);
    await page.context().close();
  });

  test('a person with the name of the local account does not become it', async () => {
    const admin = await stack.keycloak();
    await admin.make('root', 'password-of-root', 'viewer');
    const page = await stack.atKeycloak();
    await submit(page, 'root', 'password-of-root');
    await page.getByText('root is the name of a local account').waitFor();
    await page.context().close();
  });

  test("realms of the project's own are there, what the stack needs added to its", async () => {
    const own = await stack.keycloak();
    expect(await own.call('GET', '')).toMatchObject({ displayName: 'Ours, ${of} "us" \\' });
    expect(await own.call('GET', '/roles/auditor')).toMatchObject({ name: 'auditor' });
    const partners = await stack.keycloak('partners');
    expect(await partners.call('GET', '/clients?clientId=shop')).toMatchObject([{ publicClient: true }]);
  });

  test('a file of a realm that is broken is told by file and line, before anything starts', async () => {
    const file = join(cwd, 'config/keycloak/broken.json');
    writeFileSync(file, '{\n  "realm": "broken",\n}\n');
    const { code, stderr } = await gather(['up'], { cwd });
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining(`${file}:3`) });
    rmSync(file);
  });

  test('a program gets a token for itself, for whom it is', async () => {
    const url = await stack.keycloakUrl();
    const { iss, aud, azp } = await tokenOf(url, 'gather', 'my-program', ODD.webPassword);
    expect({ iss, azp }).toEqual({ iss: `${url}/realms/gather`, azp: 'my-program' });
    expect([aud].flat()).toContain('my-api');
    await expect(tokenOf(url, 'gather', 'my-program', 'wrong')).rejects.toThrow('401');
  });

  test('no secret is an argument of a process, or in a file that everybody may read', async () => {
    const lines = await dockerOk([
      'exec',
      await stack.containerOf('keycloak'),
      'sh',
      '-c',
      'cat /proc/[0-9]*/cmdline',
    ]);
    expect(lines).toContain('quarkus-run.jar');
    const files = await dockerOk([
      'exec',
      await stack.containerOf('keycloak'),
      'sh',
      '-c',
      'cat /tmp/realm-in-step',
    ]);
    for (const secret of [...stack.passwords(), ODD.postgresPassword, ODD.webPassword])
      expect(lines + files).not.toContain(secret);
  });

  test('a realm that is not there is not ready', async () => {
    const id = await stack.containerOf('keycloak');
    const ready = (realm: string) => dockerOk(['exec', id, '/opt/keycloak/bin/realm-ready', realm]);
    await ready('gather');
    await expect(ready('other')).rejects.toThrow('the realm other does not answer');
  });

  test("while Keycloak is away the page says so, and the local account gets in; gather's own calls go on", async () => {
    await dockerOk(['stop', await stack.containerOf('keycloak')]);
    const page = await stack.page();
    await page.goto(`${stack.site}/`);
    await page.click('#keycloak');
    await page.getByText('Keycloak does not answer').waitFor();
    await page.fill('input[name=username]', LOCAL.username);
    await page.fill('input[name=password]', LOCAL.password);
    await page.click('input[type=submit]');
    await stack.isIn(page);
    // (Airflow 3 goes to and fro until the page has its token)
    await until(
      () => stack.may(page).catch(() => []),
      (all) => all.join() === MAY.admin.join(),
      30,
    );
    await page.context().close();
    expect((await gatherOk(['dags', 'list'], { cwd })).stdout).toContain('hello_taskflow');
    expect((await gather(['status'], { cwd })).code).toBe(4);
  });

  test('a new secret, port and password come into step with up; what somebody made stays', async () => {
    const port = Number(await stack.envValue('KEYCLOAK_PORT')) + 7;
    await gatherOk(['env', 'set', 'KEYCLOAK_PORT', String(port)], { cwd });
    const rotate = ['KEYCLOAK_AIRFLOW_SECRET', 'KEYCLOAK_PERSON_ADMIN_PASSWORD'];
    await gatherOk(['init', '--yes', ...rotate.flatMap((name) => ['--rotate', name])], { cwd });
    const before = stack.passwordOf('admin');
    await stack.up();
    expect(stack.passwordOf('admin')).not.toBe(before);
    expect(await stack.keycloakUrl()).toBe(`http://localhost:${port}`);
    const page = await stack.logIn('admin');
    expect(await stack.may(page)).toEqual(MAY.admin);
    await page.context().close();
    expect(await (await stack.keycloak()).roles('root')).toContain('viewer');
    expect((await gather(['up'], { cwd })).stdout).toContain('nothing had to change');
  });

  test("a project's own config/webserver_config.py takes its place", async () => {
    writeFileSync(
      join(cwd, 'config/webserver_config.py'),
      'from flask_appbuilder.const import AUTH_DB\nAUTH_TYPE = AUTH_DB\n',
    );
    await gatherOk(['restart', major === 2 ? 'airflow-webserver' : 'airflow-apiserver'], { cwd });
    const form = `${stack.site}${major === 2 ? '' : '/auth'}/login/`;
    const { body } = await until(
      () => ask(form),
      ({ status }) => status === 200,
      120,
    );
    expect(body).toContain('name="password"');
    expect(body).not.toContain('id="keycloak"');
  });
}
