import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EnvFile } from '../../src/project/dotenv.js';
import { emptyFolder, gather, gatherAs, gatherJson, gatherOk, HOME, ODD } from './gather.js';

/** A folder that is gone after the test. */
function folderOf(name: string): string {
  const folder = emptyFolder(name);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
const init = (folder: string, ...args: string[]) => gather(['init', '--yes', ...args], { cwd: folder });
const initOk = (folder: string, ...args: string[]) => gatherOk(['init', '--yes', ...args], { cwd: folder });
const read = (folder: string, path: string) => readFileSync(join(folder, path), 'utf8');
const envOf = (folder: string) => EnvFile.parse(read(folder, '.env'), '.env');
const mode = (folder: string, path: string) => statSync(join(folder, path)).mode & 0o777;
const set = (values: Record<string, string>) =>
  Object.entries(values).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
const GENERATED = [
  'gather.yaml',
  '.env',
  'compose.yaml',
  'postgres/init.sql',
  'proxy/nginx.conf',
  '.gitignore',
  'requirements.txt',
];
const snapshot = (folder: string) => Object.fromEntries(GENERATED.map((path) => [path, read(folder, path)]));

describe('init in an empty folder', () => {
  test('makes a project, and again changes nothing', async () => {
    const folder = folderOf('fresh');
    const { stdout } = await initOk(folder);
    expect(stdout).toContain('next: gather up');
    expect(readdirSync(folder)).toEqual(
      expect.arrayContaining([
        'dags',
        'plugins',
        'config',
        'logs',
        ...GENERATED.filter((path) => !path.includes('/')),
      ]),
    );
    expect([mode(folder, '.env'), mode(folder, 'postgres/init.sql')]).toEqual([0o600, 0o600]);
    expect(read(folder, '.gitignore').split('\n')).toEqual(
      expect.arrayContaining(['.env', 'postgres/init.sql', 'logs/']),
    );
    expect(read(folder, 'gather.yaml')).toMatch(/^topology: celery\nairflow: 2\.11\.2$/m);
    for (const secret of ['AF_PASS', 'PG_PASS', 'AIRFLOW__CORE__FERNET_KEY']) {
      const value = envOf(folder).get(secret) ?? '';
      expect(value.length).toBeGreaterThan(20);
      expect(stdout + read(folder, 'compose.yaml') + read(folder, 'proxy/nginx.conf')).not.toContain(value);
    }
    const before = snapshot(folder);
    const again = await initOk(folder);
    expect(again.stdout).toContain('everything was up to date');
    expect(snapshot(folder)).toEqual(before);
  });

  test('as root gives the logs to the user of the containers', async () => {
    const folder = folderOf('owner');
    await initOk(folder);
    expect(envOf(folder).get('AIRFLOW_UID')).toBe('50000');
    expect(statSync(join(folder, 'logs')).uid).toBe(50000);
    expect(statSync(join(folder, 'dags')).uid).toBe(0);
  });

  test("as somebody else takes that one's id", async () => {
    const folder = folderOf('nobody');
    execFileSync('chown', ['1234:1234', folder]);
    const { stdout } = await gatherAs(1234, ['init', '--yes'], { cwd: folder });
    expect(stdout).toContain('next: gather up');
    expect(envOf(folder).get('AIRFLOW_UID')).toBe('1234');
    expect(statSync(join(folder, 'logs')).uid).toBe(1234);
    // a port below 1024 is not for everybody: the other one is taken, and said so
    const port = envOf(folder).get('PROXY_PORT');
    if (port !== '80')
      expect(stdout).toContain(`port 80 is taken or not allowed here: PROXY_PORT is ${port}`);
  });

  test('works from a folder below, and with -C from elsewhere', async () => {
    const folder = folderOf('below');
    await gatherOk(['init', '--yes', '-C', folder], { cwd: '/' });
    await gatherOk(['init', '--yes'], { cwd: join(folder, 'dags') });
    expect(readdirSync(join(folder, 'dags'))).not.toContain('gather.yaml');
  });

  test('takes another version and further components', async () => {
    const folder = folderOf('other');
    await initOk(
      folder,
      '--airflow',
      '2.10.2',
      '--component',
      'external-postgres',
      ...set({ PG_HOST: 'db.example' }),
    );
    expect(read(folder, 'gather.yaml')).toMatch(/airflow: 2\.10\.2[\s\S]*components: \[external-postgres\]/);
    expect(read(folder, 'compose.yaml')).not.toMatch(/^ {2}postgres:/m);
    expect(envOf(folder).get('AIRFLOW__DATABASE__SQL_ALCHEMY_CONN')).toContain('@db.example:5432/');
  });
});

test('a further component comes beside those that gather.yaml has', async () => {
  const folder = folderOf('further');
  await initOk(folder);
  const own = 'x-gather: { summary: Mail }\nservices: { mail: { image: mail:1 } }\n';
  mkdirSync(join(folder, 'compose/components'), { recursive: true });
  writeFileSync(join(folder, 'compose/components/mail.yaml'), own);
  await initOk(folder, '--component', 'mail');
  await initOk(folder, '--component', 'external-postgres');
  expect(read(folder, 'gather.yaml')).toContain('components: [mail, external-postgres]');
});

test('an empty folder below a project becomes a project of its own', async () => {
  const folder = folderOf('above');
  await initOk(folder);
  const before = read(folder, '.env');
  mkdirSync(join(folder, 'work'));
  const { stdout } = await initOk(join(folder, 'work'));
  expect(stdout).toContain(`${folder} is a project, too`);
  expect(read(folder, '.env')).toBe(before);
  expect(envOf(join(folder, 'work')).get('AF_PASS')).not.toBe(envOf(folder).get('AF_PASS'));
});

describe('values on the command line', () => {
  test('of any kind come back as they were', async () => {
    const folder = folderOf('odd');
    const values = {
      AF_PASS: ODD.airflowPassword,
      PG_PASS: ODD.postgresPassword,
      REDIS_PASS: ODD.redisPassword,
      _AIRFLOW_WWW_USER_PASSWORD: ODD.webPassword,
      PG_USER: `o"dd us'er`,
    };
    await initOk(folder, ...set(values));
    for (const [name, value] of Object.entries(values))
      expect(await gatherJson(['env', 'get', name], { cwd: folder })).toEqual({ name, value });
    const before = snapshot(folder);
    await initOk(folder);
    expect(snapshot(folder)).toEqual(before);
  });

  test.each([
    ['PROXY_PORT=99999', /PROXY_PORT: must be a port/],
    ['PG_USER=pg_me', /PG_USER: names that begin with pg_/],
    ['AF_USER=', /AF_USER: a name is needed/],
    ['PG_DB=a b', /PG_DB: must be made of letters/],
    ['AIRFLOW_UID=me', /AIRFLOW_UID: must be a numeric id/],
    ['AIRFLOW__CORE__FERNET_KEY=hunter2', /FERNET_KEY: must be a Fernet key/],
    ['AIRFLOW__CELERY__BROKER_URL=redis', /BROKER_URL: must be a URL/],
    ['AIRFLOW__CORE__LOAD_EXAMPLES=maybe', /LOAD_EXAMPLES: must be true or false/],
    ['AIRFLOW__CELERY__FLOWER_URL_PREFIX=/a/', /FLOWER_URL_PREFIX: must be a path without slashes/],
    ['AIRFLOW__SECRETS__BACKEND_KWARGS={', /BACKEND_KWARGS: must be JSON/],
    ['AF_PASS=a\nb', /AF_PASS: a value cannot hold a line break/],
    ['MY_OWN=1', /this stack has no variable "MY_OWN"/],
    ['PROXI_PORT=1', /did you mean "PROXY_PORT"/],
    ['PROXY_PORT', /must be NAME=VALUE/],
  ])('%j is refused, and nothing is written', async (assignment, message) => {
    const folder = folderOf('refused');
    const { code, stdout, stderr } = await init(folder, '--set', assignment);
    expect(stderr).toMatch(message);
    expect(stderr + stdout).not.toContain('hunter2');
    expect([1, 2]).toContain(code);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each(['--rotate', '--derive'])(
    'an unknown name for %s is refused with the nearest',
    async (option) => {
      const folder = folderOf('unknown');
      const { code, stderr } = await init(folder, option, 'AF_PAS');
      expect([code, stderr]).toEqual([2, expect.stringContaining('did you mean "AF_PASS"')]);
      expect((await init(folder, option, 'AIRFLOW__CORE__NOTHING')).code).toBe(2);
    },
  );
});

describe('a .env that is there', () => {
  test('keeps what gather does not know, its comments and its order', async () => {
    const folder = folderOf('survive');
    const text = "# mine\nMY_OWN='a b' # why\n\nPROXY_PORT=8099\n# the end\nPG_USER=me\n";
    writeFileSync(join(folder, '.env'), text);
    await initOk(folder);
    expect(read(folder, '.env').startsWith(text)).toBe(true);
    expect(mode(folder, '.env')).toBe(0o600);
    await initOk(folder, ...set({ PROXY_PORT: '8100', MY_OWN: 'c' }));
    expect(read(folder, '.env').startsWith(text.replace('8099', '8100').replace("'a b'", 'c'))).toBe(true);
  });

  test('has one secret replaced by --rotate, with the URLs that hold it, and nothing else', async () => {
    const folder = folderOf('rotate');
    await initOk(folder);
    const before = envOf(folder);
    const { stdout } = await initOk(folder, '--rotate', 'AF_PASS');
    const after = envOf(folder);
    expect(
      after
        .names()
        .filter((name) => after.get(name) !== before.get(name))
        .sort(),
    ).toEqual([
      'AF_PASS',
      'AIRFLOW__CELERY__RESULT_BACKEND',
      'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN',
      '_AIRFLOW_WWW_USER_PASSWORD',
    ]);
    expect(after.get('AIRFLOW__DATABASE__SQL_ALCHEMY_CONN')).toContain(`:${after.get('AF_PASS')}@`);
    expect(read(folder, 'postgres/init.sql')).toContain(`'${after.get('AF_PASS')}'`);
    expect(stdout).toContain('the role gets the new password at the next `gather up`');
    expect(stdout).not.toContain(after.get('AF_PASS'));
  });

  test('written by the original init.py is accepted, completed, and keeps its values', async () => {
    const folder = folderOf('original');
    const text = readFileSync(join(HOME, 'test/fixtures/original/init-py.env'), 'utf8');
    writeFileSync(join(folder, '.env'), text, { mode: 0o644 });
    await initOk(folder);
    const after = read(folder, '.env');
    expect(after.startsWith(text)).toBe(true);
    expect(mode(folder, '.env')).toBe(0o600);
    expect(envOf(folder).names()).toEqual(
      expect.arrayContaining(['PG_HOST', 'PROXY_PORT', 'AIRFLOW_WORKERS', 'COMPOSE_PROJECT_NAME']),
    );
    expect(read(folder, 'postgres/init.sql')).toContain("'my-secret'");
    const { stdout } = await initOk(folder);
    expect(stdout).toContain('everything was up to date');
    expect(read(folder, '.env')).toBe(after);
    const { code } = await gather(['render', '--check'], { cwd: folder });
    expect(code).toBe(0);
  });

  test('that cannot be read as one is refused with its line, and stays', async () => {
    const folder = folderOf('broken');
    writeFileSync(join(folder, '.env'), 'PG_USER=me\nAF_PASS="hunter2\n');
    const { code, stderr } = await init(folder);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/\.env:2/)]);
    expect(stderr).not.toContain('hunter2');
    expect(readdirSync(folder)).toEqual(['.env']);
  });
});

describe('a secrets backend', () => {
  const BACKEND = 'AIRFLOW__SECRETS__BACKEND';
  const KWARGS = `${BACKEND}_KWARGS`;
  const AZURE = 'airflow.providers.microsoft.azure.secrets.key_vault.AzureKeyVaultBackend';
  const FOUR = {
    vault_url: 'https://v.vault.azure.net',
    tenant_id: 't',
    client_id: 'c',
    client_secret: `s'e"c\\r$et`,
  };
  const dotted = Object.fromEntries(Object.entries(FOUR).map(([key, value]) => [`${KWARGS}.${key}`, value]));

  test('of Azure is told its four settings and the two prefixes', async () => {
    const folder = folderOf('azure');
    await initOk(folder, ...set({ [BACKEND]: AZURE, ...dotted }));
    const expected = { ...FOUR, connections_prefix: 'af-conns', variables_prefix: 'af-vars' };
    expect(JSON.parse(envOf(folder).get(KWARGS) ?? '')).toEqual(expected);
    await initOk(folder, ...set({ [`${KWARGS}.tenant_id`]: 'other' }));
    expect(JSON.parse(envOf(folder).get(KWARGS) ?? '')).toEqual({ ...expected, tenant_id: 'other' });
    const { stdout } = await gatherOk(['env', 'list'], { cwd: folder });
    expect(stdout).toContain(`${KWARGS}=***`);
  });

  test('that lacks a setting is refused, with the option to give', async () => {
    const folder = folderOf('azure-missing');
    const { code, stderr } = await init(folder, ...set({ [BACKEND]: AZURE, [`${KWARGS}.vault_url`]: 'u' }));
    expect(code).toBe(2);
    expect(stderr).toContain('needs tenant_id, client_id, client_secret');
    expect(stderr).toContain(`gather init --set ${KWARGS}.client_secret=…`);
    expect(readdirSync(folder)).toEqual([]);
  });
});

test('two gather up at once in an empty folder make one project: its secrets stay those of its stack', async () => {
  const folder = folderOf('two-ups');
  const up = () => gather(['up', '--yes'], { cwd: folder, env: { DOCKER_HOST: 'unix:///nowhere.sock' } });
  const ups = await Promise.all([up(), up()]);
  for (const { stderr } of ups) expect(stderr).toContain('DOCKER_HOST');
  expect(ups.filter(({ stderr }) => stderr.includes('init: '))).toHaveLength(1);
});

describe('the .gitignore', () => {
  test('keeps the secrets out of a real git repository', async () => {
    const folder = folderOf('git');
    execFileSync('git', ['init', '--quiet', folder]);
    writeFileSync(join(folder, '.gitignore'), 'mine/\n');
    await initOk(folder);
    execFileSync('git', ['-C', folder, 'add', '--all']);
    const tracked = execFileSync('git', ['-C', folder, 'ls-files'], { encoding: 'utf8' }).split('\n');
    expect(tracked).toEqual(
      expect.arrayContaining(['compose.yaml', 'gather.yaml', 'proxy/nginx.conf', '.gitignore']),
    );
    expect(tracked.filter((path) => /^(\.env|logs\/|postgres\/)/.test(path))).toEqual(['.env.template']);
    expect(read(folder, '.gitignore').startsWith('mine/\n')).toBe(true);
  });
});
