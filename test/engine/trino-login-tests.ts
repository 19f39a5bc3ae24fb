import { execa } from 'execa';
import { expect, test } from 'vitest';
import { dockerOk } from './docker.js';
import type { EksStack } from './eks-stack.js';
import { gather, gatherJson, gatherOk, HOME } from './gather.js';
import { grant } from './keycloak.js';
import { Lake } from './lake.js';

const STATEMENT = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-d', 'SELECT 1'];

/** Trino's login with a token of Keycloak over TLS, on a stack of the topology `eks`. */
export function describeTrinoLogin(eks: EksStack): void {
  /** The status with which Trino answers a statement, asked in its own container with the options of curl on its standard input. */
  const answer = (url: string, options: string, ...more: string[]) =>
    dockerOk(
      ['exec', '-i', eks.idOf('trino'), 'curl', ...STATEMENT, '-K', '-', ...more, `${url}/v1/statement`],
      {
        input: options,
      },
    );
  const withTls = (options: string) =>
    answer('https://localhost:8443', options, '--cacert', '/data/trino/tls.pem');
  /** What a statement ends with, which Trino takes first and judges afterwards. */
  const errorOf = async (options: string) => {
    const ask = async (...what: string[]) => {
      const curl = ['curl', '-s', '-K', '-', '--cacert', '/data/trino/tls.pem', ...what];
      const answer = await dockerOk(['exec', '-i', eks.idOf('trino'), ...curl], { input: options });
      return JSON.parse(answer) as { nextUri?: string; error?: { message: string } };
    };
    let told = await ask('-d', 'SELECT 1', 'https://localhost:8443/v1/statement');
    while (told.nextUri && !told.error) told = await ask(told.nextUri);
    return told.error?.message;
  };
  const bearer = (token: unknown) => `header = "Authorization: Bearer ${String(token)}"\n`;
  const keycloakUrl = async () => (await eks.value('KEYCLOAK_URL')).replace(/\/$/, '');
  const tokenOfClient = async () =>
    (
      await grant(await keycloakUrl(), 'gather', {
        grant_type: 'client_credentials',
        client_id: 'trino',
        client_secret: await eks.value('TRINO_CLIENT_SECRET'),
      })
    ).access_token;

  test('gather, which has one, is known by the name of the client', async () => {
    expect(await new Lake(eks.cwd).rows('SELECT current_user')).toEqual([['trino']]);
  });

  test("the client's token is taken, over TLS alone", async () => {
    const token = await tokenOfClient();
    expect(await withTls(bearer(token))).toBe('200');
    expect(await answer('http://localhost:8080', bearer(token))).toBe('403');
  });

  test('who has none, one of another realm or a changed one, or calls himself otherwise, is refused', async () => {
    expect(await withTls('header = "X-Trino-User: trino"\n')).toBe('401');
    const { access_token: other } = await grant(await keycloakUrl(), 'master', {
      grant_type: 'password',
      client_id: 'admin-cli',
      username: await eks.value('KEYCLOAK_ADMIN_USER'),
      password: await eks.value('KEYCLOAK_ADMIN_PASSWORD'),
    });
    expect(await withTls(bearer(other))).toBe('401');
    const [head, payload = '', signature] = String(await tokenOfClient()).split('.');
    const changed = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), azp: 'airflow' };
    const forged = [head, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.');
    expect(await withTls(bearer(forged))).toBe('401');
    expect(await errorOf(`${bearer(await tokenOfClient())}header = "X-Trino-User: admin"\n`)).toContain(
      'User trino cannot impersonate user admin',
    );
    for (const options of ['', 'header = "X-Trino-User: trino"\n'])
      expect(await answer('http://localhost:8080', options)).toBe('403');
  });

  test('gather trust gives the certificate that this machine can check Trino by, and no key', async () => {
    const { stdout: pem, stderr } = await gatherOk(['trust'], { cwd: eks.cwd });
    expect(pem).not.toContain('PRIVATE');
    expect(stderr).toContain('update-ca-certificates');
    const port = await eks.value('TRINO_HTTPS_PORT');
    const look = `import('node:https').then(({ get }) => get('https://localhost:${port}/v1/info', { ca: process.argv[1] },
      ({ statusCode }) => console.log(statusCode)).on('error', ({ code }) => console.log(code)))`;
    const asked = async (authority: string) =>
      (await execa('node', ['-e', look, '--', authority], { cwd: HOME })).stdout;
    expect(await asked(pem)).toBe('200');
    const other = (await gatherJson<{ certificate: string }>(['trust'], { cwd: eks.cwd })).certificate;
    expect(other).toBe(pem);
    const without = await execa('node', ['-e', look.replace(', { ca: process.argv[1] }', '')], { cwd: HOME });
    expect(without.stdout).toBe('SELF_SIGNED_CERT_IN_CHAIN');
  });

  test('the key is for its owner alone, and no secret is an argument of a process', async () => {
    const inTrino = (script: string) => dockerOk(['exec', eks.idOf('trino'), 'sh', '-c', script]);
    expect(await inTrino('stat -c "%a %U" /data/trino/tls.pem')).toBe('600 trino');
    const lines = await inTrino('cat /proc/[0-9]*/cmdline');
    expect(lines).toContain('io.trino.server.TrinoServer');
    for (const name of ['TRINO_CLIENT_SECRET', 'TRINO_TLS', 'LOCAL_CA'])
      expect(lines).not.toContain(await eks.value(name));
    expect(await inTrino('env')).not.toContain('LOCAL_CA=');
    expect((await gather(['env', 'list'], { cwd: eks.cwd })).stdout).not.toContain(
      await eks.value('TRINO_TLS'),
    );
  });

  test('the command line logs in, too', async () => {
    const { code, stdout } = await gather(['trino'], { cwd: eks.cwd, input: 'SELECT current_user;\n' });
    expect([code, stdout]).toEqual([0, '"trino"']);
  });

  test('a new authority and a new secret count with the next up', async () => {
    const before = (await gatherOk(['trust'], { cwd: eks.cwd })).stdout;
    await gatherOk(['init', '--yes', '--rotate', 'LOCAL_CA', '--rotate', 'TRINO_CLIENT_SECRET'], {
      cwd: eks.cwd,
    });
    await eks.up();
    expect((await gatherOk(['trust'], { cwd: eks.cwd })).stdout).not.toBe(before);
    expect(await new Lake(eks.cwd).rows('SELECT current_user')).toEqual([['trino']]);
  });
}
