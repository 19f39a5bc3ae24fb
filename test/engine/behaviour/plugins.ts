import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Json } from '../../../src/airflow/api/rest-calls.js';
import { gatherOk } from '../gather.js';
import { ask, type WebSession } from '../web.js';
import { type BehaviourStack, FIXTURES } from './stack.js';

const WEB = { 2: 'airflow-webserver', 3: 'airflow-apiserver' };

/** Where pages of Flask-AppBuilder are. */
const PAGES = { 2: '', 3: '/pluginsv2' };

/** `action on resource` of a role, as the API shows it. */
async function permissions(stack: BehaviourStack, role: string): Promise<string[]> {
  const { actions } =
    stack.major === 2 ? await stack.rest.json('GET', `/roles/${role}`) : await stack.fab(`/roles/${role}`);
  return (actions as { action: Json; resource: Json }[]).map(
    ({ action, resource }) => `${action.name} on ${resource.name}`,
  );
}

/** Somebody who has no role but Viewer. */
async function viewer(stack: BehaviourStack): Promise<WebSession> {
  const login = { username: 'viewer', password: 'a viewer who looks' };
  const names = ['--firstname', 'V', '--lastname', 'Viewer', '--email', 'viewer@example.test'];
  const user = ['--username', login.username, '--password', login.password, '--role', 'Viewer'];
  await gatherOk(['airflow', '--', 'users', 'create', ...user, ...names], { cwd: stack.folder });
  return stack.person(login);
}

async function hasPage(stack: BehaviourStack, name: 'early' | 'late'): Promise<void> {
  const view = name === 'early' ? 'EarlyView' : 'LateView';
  const label = name === 'early' ? 'Early page' : 'Late page';
  const wanted = [`can_hello on ${view}`, `menu_access on ${label}`];
  expect(await permissions(stack, 'Admin')).toEqual(expect.arrayContaining(wanted));
  for (const role of ['Viewer', 'Public'])
    expect((await permissions(stack, role)).filter((one) => wanted.includes(one))).toEqual([]);

  const path = `${PAGES[stack.major]}/${view.toLowerCase()}/`;
  const admin = await stack.person();
  expect(await admin.get(path)).toMatchObject({ status: 200, body: `the ${name} page answers` });
  const stranger = await ask(stack.site + path);
  expect([stranger.status, stranger.body.includes('answers')]).toEqual([302, false]);
}

/** A plugin's pages answer whom they should, with a database that was made with them and one that was there before. */
export async function pluginsWithViews(stack: BehaviourStack): Promise<void> {
  await hasPage(stack, 'early');
  const looker = await viewer(stack);
  const path = `${PAGES[stack.major]}/earlyview/`;
  const refused = await looker.get(path);
  expect([refused.status, refused.body.includes('answers')]).toEqual([302, false]);
  if (stack.major === 2) {
    const menu = (await (await stack.person()).get('/home')).body;
    for (const entry of ['Early page', 'Early link']) expect(menu).toContain(entry);
    expect((await looker.get('/home')).body).not.toContain('Early page');
  } else {
    expect(await ask(`${stack.site}/early-app/hello`)).toMatchObject({
      status: 200,
      body: '{"hello":"from FastAPI"}',
    });
  }

  expect((await permissions(stack, 'Admin')).filter((one) => one.includes('Late'))).toEqual([]);
  cpSync(join(FIXTURES, 'added-later'), join(stack.folder, 'plugins'), { recursive: true });
  await gatherOk(['restart', WEB[stack.major]], { cwd: stack.folder });
  await stack.whole();
  await hasPage(stack, 'late');
  await hasPage(stack, 'early');
}
