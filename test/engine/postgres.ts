import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Postgres {
  host: string;
  port: number;
  /** The superuser, over TCP, in the database `postgres`. */
  adminUrl: string;
  /** psql inside of the container, with the text as its input; `env` is what PGUSER and the like are set to. */
  psql(args: string[], input: string, env?: Record<string, string>): Promise<Ran>;
  /** An address of the container itself that asks for the password, which its 127.0.0.1 may not. */
  address: string;
  stop(): Promise<void>;
}

const IMAGE = process.env.GATHER_TEST_POSTGRES_IMAGE;

/** Starts the image GATHER_TEST_POSTGRES_IMAGE, which takes what the official image takes, on a port of its own of `host`. */
export async function startPostgres(host = '127.0.0.1'): Promise<Postgres> {
  if (!IMAGE) throw new Error('GATHER_TEST_POSTGRES_IMAGE is not set');
  const password = randomBytes(12).toString('hex');
  const env = { POSTGRES_USER: 'postgres', POSTGRES_PASSWORD: password, POSTGRES_DB: 'postgres' };
  const flags = Object.keys(env).flatMap((name) => ['--env', name]);
  const run = ['run', '--detach', '--rm', '--publish', `${host}::5432`, ...flags, IMAGE];
  const container = (await must(run, env)).trim();
  const stop = async () => {
    await docker(['rm', '--force', '--volumes', container]);
  };
  try {
    const published = (await must(['port', container, '5432/tcp'])).trim();
    const port = Number(published.slice(published.lastIndexOf(':') + 1));
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
    const address = (await must(['inspect', '--format', format, container])).trim();
    const psql: Postgres['psql'] = (args, input, extra = {}) => {
      const client = { PGUSER: 'postgres', PGDATABASE: 'postgres', ...extra };
      const names = Object.keys(client).flatMap((name) => ['--env', name]);
      return docker(['exec', '--interactive', ...names, container, 'psql', '-X', ...args], client, input);
    };
    await answers(() => psql(['-h', address, '-c', 'SELECT 1'], '', { PGPASSWORD: password }));
    const adminUrl = `postgresql://postgres:${password}@${host}:${port}/postgres`;
    return { host, port, adminUrl, psql, address, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Over TCP: while the image sets up its cluster, the server listens only on its socket. */
async function answers(ask: () => Promise<Ran>): Promise<void> {
  const until = Date.now() + 60_000;
  for (;;) {
    const { code, stderr } = await ask();
    if (code === 0) return;
    if (Date.now() > until) throw new Error(`PostgreSQL does not answer: ${stderr}`);
    await sleep(200);
  }
}

async function must(args: string[], env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await docker(args, env);
  if (code !== 0) throw new Error(`docker ${args[0]}: ${stderr}`);
  return stdout;
}

function docker(args: string[], env: Record<string, string> = {}, input = ''): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn('docker', args, { env: { ...process.env, ...env } });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
    // psql that stops at an error leaves the rest of its input unread.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
