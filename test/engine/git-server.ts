import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { docker, dockerOk, until } from './docker.js';
import { buildTestImage } from './test-image.js';

/** A git server in a container: one private repository, `dags.git`, with the branch `main`. */
export interface GitServer {
  /** Over HTTP, with the login `user` and `password`. */
  http: string;
  /** Over SSH, with the key in `keyFile` and the server's own key in `knownHostsFile`. */
  ssh: string;
  /** Of its container. */
  name: string;
  network: string;
  keyFile: string;
  knownHostsFile: string;
  /** What the shell script does in the work tree becomes a commit on the branch, pushed by force. Returns its id. */
  commit(script: string, options?: { branch?: string; amend?: boolean }): Promise<string>;
  git(...args: string[]): Promise<string>;
  /** `stop`, `start`, `pause`, `unpause` of its container. */
  turn(what: string): Promise<void>;
  remove(): Promise<void>;
}

/**
 * @param folder an empty one on the host, for the keys
 * @param base gather's own base image
 */
export async function startGitServer(
  folder: string,
  base: string,
  login: { user: string; password: string },
): Promise<GitServer> {
  const image = await buildTestImage('git-server', base);
  const network = `gather-test-git-${process.pid}`;
  const name = `${network}-server`;
  const keyFile = join(folder, 'key');
  const knownHostsFile = join(folder, 'known_hosts');
  await dockerOk(['network', 'create', network]);
  // the key is made where ssh surely is
  const made = await dockerOk([
    'run',
    '--rm',
    image,
    'bash',
    '-c',
    'ssh-keygen -q -t ed25519 -N "" -f /k && cat /k /k.pub',
  ]);
  const [key = '', publicKey = ''] = made.split(/(?<=-----END OPENSSH PRIVATE KEY-----\n)/);
  writeFileSync(keyFile, key, { mode: 0o600 });
  const env = { GIT_USER: login.user, GIT_PASSWORD: login.password, GIT_KEY: publicKey.trim() };
  await execa(
    'docker',
    ['run', '--detach', '--name', name, '--network', network, '--network-alias', 'git-server']
      .concat(Object.keys(env).flatMap((variable) => ['--env', variable]))
      .concat(image),
    { env },
  );
  const inside = (...command: string[]) => dockerOk(['exec', '--user', 'git', name, ...command]);
  await until(
    () => docker(['exec', name, 'bash', '-c', 'cat /run/nginx.pid && exec 3<>/dev/tcp/localhost/22']),
    ({ code }) => code === 0,
    20,
  );
  const hostKey = await inside('cat', '/etc/ssh/ssh_host_ed25519_key.pub');
  writeFileSync(knownHostsFile, `git-server ${hostKey}`);
  return {
    http: 'http://git-server/dags.git',
    ssh: 'git@git-server:/srv/git/dags.git',
    name,
    network,
    keyFile,
    knownHostsFile,
    commit: async (script, { branch = 'main', amend = false } = {}) =>
      (await inside('commit', branch, ...(amend ? ['--amend'] : []), script)).trim(),
    git: (...args) => inside('git', '-C', 'dags.git', ...args),
    turn: async (what) => {
      await dockerOk([what, ...(what === 'stop' ? ['--time', '1'] : []), name]);
    },
    remove: async () => {
      await docker(['rm', '--force', '--volumes', name]);
      await docker(['network', 'rm', network]);
    },
  };
}

/** The known_hosts of another server of the same name. */
export function strangersKnownHosts(server: GitServer, file: string): string {
  const [, type, key = ''] = readFileSync(server.knownHostsFile, 'utf8').trim().split(' ');
  const bytes = Buffer.from(key, 'base64');
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  writeFileSync(file, `git-server ${type} ${bytes.toString('base64')}\n`);
  return file;
}
