import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../engine/docker.js';
import { emptyFolder, gather, gatherOk } from '../engine/gather.js';
import { LOCAL, LoginStack, submit } from '../engine/login-stack.js';
import { ask } from '../engine/web.js';

const MANAGER = 'airflow.providers.keycloak.auth_manager.keycloak_auth_manager.KeycloakAuthManager';

/** As in test/engine/login.ts; the provider's own permissions let a viewer read the stored variables. */
const MAY = {
  admin: [200, 200, 200],
  user: [200, 200, 200],
  viewer: [200, 403, 200],
  public: [403, 403, 403],
};

const stack = new LoginStack('3.3.2');
beforeAll(() => stack.start({ AIRFLOW__CORE__AUTH_MANAGER: MANAGER }));
afterAll(() => stack.end());

/** Airflow has no page of its own for it: whoever is a stranger is at Keycloak's. */
async function atKeycloak(): Promise<Page> {
  const page = await stack.page();
  await page.goto(`${stack.site}/`);
  await page.waitForSelector('#kc-login');
  return page;
}

async function logIn(person: string): Promise<Page> {
  const page = await atKeycloak();
  await submit(page, person, stack.passwordOf(person));
  await stack.isIn(page);
  return page;
}

describe.each(Object.entries(MAY))('%s', (person, expected) => {
  test('logs in, and may do what the role may', async () => {
    const page = await logIn(person);
    expect(await stack.may(page)).toEqual(expected);
    await page.context().close();
  });

  test('gets a token of the API for name and password, which may the same', async () => {
    const token = await tokenFor(person, stack.passwordOf(person));
    const headers = { authorization: `Bearer ${token}` };
    const { status } = await ask(`${stack.site}/api/v2/dags`, { headers });
    expect(status).toBe(expected[0]);
  });
});

test('a program of the realm gets a token of the API for its secret only where it is Airflow itself', async () => {
  const secret = await stack.envValue('KEYCLOAK_AIRFLOW_SECRET');
  const own = await token({ grant_type: 'client_credentials', client_id: 'airflow', client_secret: secret });
  expect(own.status).toBe(201);
  const program = await stack.envValue('PROGRAM_SECRET');
  const other = await token({
    grant_type: 'client_credentials',
    client_id: 'my-program',
    client_secret: program,
  });
  expect(other.status).toBe(403);
});

test('logging out ends both sessions', async () => {
  const page = await logIn('user');
  await page.goto(`${stack.site}/api/v2/auth/logout`);
  await page.waitForSelector('#kc-login');
  expect(await (await page.request.get(`${stack.site}/api/v2/dags`)).status()).toBe(401);
  await page.context().close();
});

test('a role that is changed in Keycloak holds at the next login', async () => {
  const admin = await stack.keycloak();
  await admin.giveRole('viewer', 'user');
  const page = await logIn('viewer');
  expect(await stack.may(page)).toEqual(MAY.user);
  await admin.takeRole('viewer', 'user');
  await page.context().close();
});

test("gather's own calls have the web user, whom init makes in Keycloak", async () => {
  expect((await gatherOk(['dags', 'list'], { cwd: stack.cwd })).stdout).toContain('hello_taskflow');
  expect(await (await stack.keycloak()).roles(LOCAL.username)).toContain('Admin');
});

test('init finds everything there the second time', async () => {
  await gatherOk(['restart', 'airflow-init'], { cwd: stack.cwd });
  await until(
    async () => (await gatherOk(['logs', 'airflow-init'], { cwd: stack.cwd })).stdout,
    (said) => said.includes(`there already; web user ${LOCAL.username}: there already`),
  );
});

test('it is refused where it cannot be: with Airflow 2, and without Keycloak', async () => {
  const init = (...rest: string[]) =>
    gather(['init', '--yes', '--set', `AIRFLOW__CORE__AUTH_MANAGER=${MANAGER}`, ...rest], {
      cwd: emptyFolder('auth-manager'),
    });
  const two = await init('--airflow', '2.11.2', '--component', 'keycloak');
  expect(two).toMatchObject({ code: 1, stderr: expect.stringContaining('its package wants Airflow 3') });
  const alone = await init('--airflow', '3.3.2');
  expect(alone).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('gather init --component keycloak'),
  });
});

function token(body: Record<string, string>): Promise<{ status: number; body: string }> {
  const headers = { 'content-type': 'application/json' };
  return ask(`${stack.site}/auth/token`, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function tokenFor(username: string, password: string): Promise<string> {
  return JSON.parse((await token({ username, password })).body).access_token;
}
