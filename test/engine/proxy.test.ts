import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { renderNginx } from '../../src/render/nginx.js';
import { startBrowser, troublesOf } from './browser.js';
import { PARTS } from './default-stack.js';
import { containersOf, dockerOk, type Inspected, until } from './docker.js';
import { gatherJson, gatherOk, HOME, ODD } from './gather.js';
import { ask, WebSession } from './web.js';

const stack = inject('stack');
const cwd = stack.folder;
const proxy = new URL(stack.proxyUrl);
const DAG = 'gather_test_proxy';
const dagFile = join(cwd, `dags/${DAG}.py`);

beforeAll(() => {
  writeFileSync(
    dagFile,
    `import pendulum
from airflow import DAG
from airflow.operators.empty import EmptyOperator

with DAG("${DAG}", start_date=pendulum.datetime(2026, 1, 1), schedule=None):
    EmptyOperator(task_id="first") >> EmptyOperator(task_id="second")
`,
  );
});

afterAll(async () => {
  rmSync(dagFile, { force: true });
  await gatherOk(['airflow', '--', 'dags', 'delete', '--yes', DAG], { cwd });
});

describe('in front of Airflow', () => {
  test.each([
    ['the address of the link', { host: proxy.host }, stack.proxyUrl],
    ['another name', { host: 'airflow.example.test' }, 'http://airflow.example.test'],
    ['another port', { host: 'localhost:18080' }, 'http://localhost:18080'],
    ['IPv6', { host: '[::1]:8088' }, 'http://[::1]:8088'],
    [
      'TLS in front of the proxy',
      { host: 'airflow.example.test', 'x-forwarded-proto': 'https' },
      'https://airflow.example.test',
    ],
    [
      'TLS on a port of its own',
      { host: 'airflow.example.test:8443', 'x-forwarded-proto': 'https' },
      'https://airflow.example.test:8443',
    ],
    [
      'a proxy that changes the host',
      { host: 'inner:81', 'x-forwarded-host': 'outer.test:9443', 'x-forwarded-proto': 'https' },
      'https://outer.test:9443',
    ],
  ] as const)('the links of Airflow lead back to where the person is: %s', async (_, headers, origin) => {
    const login = await ask(`${stack.proxyUrl}/home`, { headers });
    expect(login.status).toBe(302);
    const location = new URL(login.headers.location ?? '', origin);
    expect(location.origin).toBe(origin);
    expect(location.pathname).toBe('/login/');
    expect(location.searchParams.get('next')).toBe(`${origin}/home`);
  });

  test.each([
    ['as it is', { host: proxy.host }, stack.proxyUrl],
    [
      'with TLS in front of it',
      { host: 'airflow.example.test:8443', 'x-forwarded-proto': 'https' },
      'https://airflow.example.test:8443',
    ],
  ] as const)('a login leads back to where the person is: the proxy %s', async (_, headers, origin) => {
    const person = new WebSession(stack.proxyUrl, headers, origin);
    const after = await person.login(stack.username, stack.password);
    expect(after.status).toBe(302);
    expect(new URL(after.headers.location ?? '', origin).origin).toBe(origin);
    expect((await person.get('/home')).status).toBe(200);
  });

  test('the log links of tasks lead to the proxy', async () => {
    const program = `
import pendulum
from airflow.models import DagBag, DagRun, TaskInstance
from airflow.operators.empty import EmptyOperator
from airflow import DAG
when = pendulum.datetime(2026, 1, 2)
with DAG("some", start_date=when, schedule=None):
    task = EmptyOperator(task_id="first")
instance = TaskInstance(task, run_id="manual")
instance.dag_run = DagRun(dag_id="some", run_id="manual", execution_date=when)
print(instance.log_url)
`;
    const { stdout } = await gatherOk(['exec', 'airflow-worker', '--', 'python', '-c', program], { cwd });
    const url = new URL(stdout.trim().split('\n').at(-1) ?? '');
    expect(url.origin).toBe(proxy.origin);
    expect(url.pathname).toMatch(/\/dags\/some\//);
  });
});

describe('the start page', () => {
  const card = (page: Page, service: string) =>
    page.locator('li', { has: page.locator(`h2:has-text("${service}")`) });
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  test('shows every part, whether it is usable, its version, link and login, and no secret', async () => {
    const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
    await page.goto(`${stack.proxyUrl}/gather/`);
    for (const service of PARTS.filter((one) => one !== 'docker-socket-proxy'))
      await card(page, service).and(page.locator('.ok')).waitFor();
    // what cannot be asked from there is not called healthy
    expect(await card(page, 'docker-socket-proxy').getAttribute('class')).toBeNull();
    expect(await card(page, 'flower').textContent()).toContain('profile flower starts it');
    const web = await card(page, 'airflow-webserver').textContent();
    expect(web).toContain(stack.username);
    expect(web).toContain('env get _AIRFLOW_WWW_USER_PASSWORD');
    expect(await page.locator('li a').first().getAttribute('href')).toBe('/');
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    const told = await Promise.all(
      ['', 'parts.json', 'stack/stack.json'].map((path) => ask(`${stack.proxyUrl}/gather/${path}`)),
    );
    for (const { status, body } of told) {
      expect(status).toBe(200);
      for (const secret of [ODD.redisPassword, ODD.airflowPassword, stack.password])
        expect(body).not.toContain(secret);
    }
    await page.close();
  });

  test('says by itself that a part has gone and is back, and asks nobody while nobody looks', async () => {
    const page = await browser.newPage();
    await page.goto(`${stack.proxyUrl}/gather/`);
    const triggerer = card(page, 'airflow-triggerer');
    await triggerer.and(page.locator('.ok')).waitFor();
    const { Id } = (await containersOf(cwd)).get('airflow-triggerer-1') ?? expect.fail('no triggerer');
    await dockerOk(['stop', '--time', '1', Id]);
    onTestFinished(async () => {
      await dockerOk(['start', Id]);
    });
    await triggerer.and(page.locator('.bad')).waitFor();
    expect(await triggerer.textContent()).toContain('does not run');
    await dockerOk(['start', Id]);
    await triggerer.and(page.locator('.ok')).waitFor({ timeout: 90_000 });
    await page.evaluate(`Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })`);
    await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.waitForTimeout(7000);
    expect(asked).toEqual([]);
    await page.close();
  });
});

describe('in front of a service that does not run', () => {
  test('a redirect keeps the port', async () => {
    const answer = await ask(`${stack.proxyUrl}/flower`, { headers: { host: 'localhost:18080' } });
    expect(answer.status).toBe(301);
    expect(answer.headers.location).toBe('/flower/');
  });

  test('no link leads to Flower without its profile', async () => {
    const { links } = await gatherJson<{ links: Record<string, string> }>(['status'], { cwd });
    expect(Object.keys(links)).toEqual(['Airflow', 'Start page']);
  });

  test('Flower without its profile is a page that says how to start it', async () => {
    const answer = await ask(`${stack.proxyUrl}/flower/`);
    expect(answer.status).toBe(503);
    expect(answer.headers['content-type']).toContain('text/html');
    expect(answer.body).toContain('Flower, the Celery monitor');
    expect(answer.body).toContain('<b>gather</b> up --profile flower');
    // it looks again by itself
    expect(answer.body).toContain('http-equiv=refresh');
  });
});

describe('in front of any service', () => {
  let echo = '';
  beforeAll(async () => {
    const { Config, NetworkSettings } =
      (await containersOf(cwd)).get('airflow-triggerer-1') ?? expect.fail('no triggerer');
    const network = Object.keys(NetworkSettings.Networks).find((name) => name.endsWith('_airflow')) ?? '';
    const program = readFileSync(join(HOME, 'test/engine/echo-server.py'), 'utf8');
    echo = (
      await dockerOk([
        'run',
        '--detach',
        '--rm',
        '--network',
        network,
        '--network-alias',
        'flower',
        '--entrypoint',
        'python',
        Config.Image,
        '-c',
        program,
      ])
    ).trim();
    await until(
      () => ask(`${stack.proxyUrl}/flower/`),
      ({ status }) => status === 200,
      30,
    );
  });
  afterAll(async () => {
    await dockerOk(['rm', '--force', echo]);
    await until(
      () => ask(`${stack.proxyUrl}/flower/`),
      ({ status }) => status === 503,
      30,
    );
  });

  test.each([
    [{ host: 'one.test:81' }, { proto: 'http', host: 'one.test:81', port: '81' }],
    [{ host: 'one.test' }, { proto: 'http', host: 'one.test', port: '80' }],
    [
      { host: 'one.test', 'x-forwarded-proto': 'https' },
      { proto: 'https', host: 'one.test', port: '443' },
    ],
    [{ host: '[::1]' }, { proto: 'http', host: '[::1]', port: '80' }],
  ])('the X-Forwarded headers say what the person sees: %j', async (headers, wanted) => {
    const got = JSON.parse((await ask(`${stack.proxyUrl}/flower/a%20b?c=d`, { headers })).body) as Record<
      string,
      string
    >;
    expect({
      proto: got['x-forwarded-proto'],
      host: got['x-forwarded-host'],
      port: got['x-forwarded-port'],
    }).toEqual(wanted);
    expect(got.host).toBe(headers.host);
    expect(got['x-forwarded-for']).toMatch(/^[\da-f.:]+$/);
    expect(got.line).toBe('GET /flower/a%20b?c=d HTTP/1.1');
  });

  test('a web socket goes through, both ways', async () => {
    const request = http.request(`${stack.proxyUrl}/flower/socket`, {
      headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
    });
    request.end();
    const said = await new Promise<string>((resolve, reject) => {
      request
        .on('error', reject)
        .on('response', ({ statusCode }) => reject(new Error(`no upgrade, but ${statusCode}`)));
      request.on('upgrade', ({ statusCode }, socket) => {
        socket.on('data', (data: Buffer) => {
          socket.destroy();
          resolve(`${statusCode} ${data}`);
        });
        socket.write('hello');
      });
    });
    expect(said).toBe('101 hello');
  });
});

describe('hosts of their own', () => {
  const PORT = 47341;
  const LONG = `${'a-name-that-is-long-'.repeat(3)}.localhost`;
  const config = join(cwd, 'hosts.conf');
  let second: string;
  beforeAll(async () => {
    const web = 'http://airflow-web:8080';
    writeFileSync(
      config,
      renderNginx([
        { path: '/', to: web, title: `of "all" $hosts' <b>` },
        { host: 'web.localhost', to: web, title: 'The web server' },
        { host: LONG, to: 'http://nobody', title: `what's not "there" $host` },
      ]),
    );
    const { Image, NetworkSettings } = (await containersOf(cwd)).get('proxy-1') as Inspected;
    const [network = ''] = Object.keys(NetworkSettings.Networks);
    const mount = `${config}:/etc/nginx/nginx.conf:ro`;
    const options = [
      '--detach',
      '--rm',
      '--network',
      network,
      '--publish',
      `127.0.0.1:${PORT}:80`,
      '-v',
      mount,
    ];
    second = (await dockerOk(['run', ...options, Image, 'nginx', '-g', 'daemon off;'])).trim();
    await until(
      () => ask(`http://127.0.0.1:${PORT}/health`).catch(() => ({ status: 0 })),
      ({ status }) => status === 200,
      30,
    );
  });
  afterAll(async () => {
    await dockerOk(['rm', '--force', second]);
    rmSync(config);
  });

  test('are where a browser looks for them, whatever the port is', async () => {
    const browser = await startBrowser();
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    expect((await page.goto(`http://web.localhost:${PORT}/health`))?.status()).toBe(200);
    const down = await page.goto(`http://${LONG}:${PORT}/`);
    expect(down?.status()).toBe(503);
    expect(await page.textContent('body')).toContain(`what's not "there" $host.`);
  });
});

describe('with the profile flower', () => {
  let browser: Browser;
  let direct = '';
  beforeAll(async () => {
    browser = await startBrowser();
    const up = await gatherJson<{ links: Record<string, string> }>(['up', '--profile', 'flower'], { cwd });
    direct = up.links.Flower ?? '';
    expect(await gatherJson(['status'], { cwd })).toMatchObject({ usable: true, links: { Flower: direct } });
  });
  afterAll(async () => {
    await browser?.close();
    await dockerOk(['compose', '--profile', 'flower', 'rm', '--stop', '--force', 'flower'], { cwd });
    await until(
      () => ask(`${stack.proxyUrl}/flower/`),
      ({ status }) => status === 503,
      30,
    );
  });

  test.each(['through the proxy', 'directly'])('Flower shows both workers online %s', async (way) => {
    const address = way === 'directly' ? direct : `${stack.proxyUrl}/flower/`;
    const { origin } = new URL(address);
    const page = await browser.newPage();
    const troubles = troublesOf(page, origin);
    const requested: string[] = [];
    const kinds = new Set<string>();
    page.on('request', (request) => {
      requested.push(request.url());
      kinds.add(request.resourceType());
    });
    await page.goto(address);
    await page
      .locator('#workers-table tbody tr', { hasText: /online/i })
      .nth(1)
      .waitFor();
    expect(await page.locator('#workers-table tbody tr', { hasText: /online/i }).count()).toBe(2);
    expect(requested.filter((url) => url.startsWith(origin) && !url.startsWith(`${origin}/flower/`))).toEqual(
      [],
    );
    expect([...kinds]).toEqual(expect.arrayContaining(['document', 'script', 'stylesheet']));
    expect(troubles).toEqual([]);
    await page.close();
  });

  test('who asks its port for nothing in particular is led to it', async () => {
    const { status, headers } = await ask(new URL('/', direct).href);
    expect([status, headers.location]).toEqual([302, '/flower/']);
  });

  test('Flower keeps the passwords to itself', async () => {
    const { Id } = (await containersOf(cwd)).get('flower-1') ?? expect.fail('no flower');
    const broker = await ask(`${stack.proxyUrl}/flower/broker`);
    expect(broker.status).toBe(200);
    const seen = [broker.body, await dockerOk(['top', Id, '-eo', 'pid,args']), await dockerOk(['logs', Id])];
    for (const secret of [ODD.redisPassword, ODD.airflowPassword])
      expect(seen.map((text) => text.includes(secret) || text.includes(encodeURIComponent(secret)))).toEqual([
        false,
        false,
        false,
      ]);
  });

  test('a person logs in, sees the DAGs and opens one, without a single failed request', async () => {
    const page = await browser.newPage();
    const troubles = troublesOf(page, proxy.origin);
    const login = async () => {
      troubles.length = 0;
      await page.goto(`${stack.proxyUrl}/`);
      await page.fill('input[name=username]', stack.username);
      await page.fill('input[name=password]', stack.password);
      await page.click('input[type=submit]');
      await page.waitForLoadState();
      return page.url();
    };
    // Airflow takes only so many logins a minute from one address
    await until(login, (url) => url === `${stack.proxyUrl}/home`, 90);
    const link = page.locator(`a[href*="/dags/${DAG}/"]`);
    const listed = async () => {
      await page.goto(`${stack.proxyUrl}/home`);
      return link.count();
    };
    await until(listed, (count) => count > 0);
    await link.first().click();
    await page.getByText('second').first().waitFor();
    await page.waitForLoadState('networkidle');
    expect(new URL(page.url()).origin).toBe(proxy.origin);
    expect(troubles).toEqual([]);
    await page.close();
  });
});
