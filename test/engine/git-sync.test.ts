import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.js';
import { rootTag } from '../../src/images/plan.js';
import { type Called, docker, dockerOk, until } from './docker.js';
import { emptyFolder, gatherJson, gatherOk, HOME } from './gather.js';
import { type GitServer, startGitServer, strangersKnownHosts } from './git-server.js';

/** The contract of compose/components/git-sync/image/README.md, against real servers. */
const login = { user: 'deploy', password: `p"a's $s\\w:%40 @/#é` };
const withLogin = { GITSYNC_USERNAME: login.user, GITSYNC_PASSWORD: login.password };
const folder = emptyFolder('git-sync');
let image = '';
let server: GitServer;
let sync: GitSync | undefined;

beforeAll(async () => {
  await gatherOk(['init', '--yes', '--topology', 'git-sync'], { cwd: folder });
  await gatherOk(['images', 'build'], { cwd: folder });
  image = (await gatherJson<{ value: string }>(['env', 'get', 'GIT_SYNC_IMAGE'], { cwd: folder })).value;
  const base = rootTag(Catalog.of(join(HOME, 'compose'), HOME));
  server = await startGitServer(folder, base, login);
  await server.commit('mkdir dags && echo one > dags/a.py');
});
afterEach(async () => {
  await sync?.remove();
  sync = undefined;
});
afterAll(async () => {
  await server.remove();
  rmSync(folder, { recursive: true });
});

/** One container of the image, run as the component runs it. */
class GitSync {
  private constructor(readonly name: string) {}

  static async start(env: Record<string, string>, files: Record<string, string> = {}): Promise<GitSync> {
    const one = new GitSync(`gather-test-git-sync-${process.pid}-${Date.now()}`);
    const all = {
      GITSYNC_REPO: server.http,
      GITSYNC_LINK: 'repo',
      GITSYNC_PERIOD: '100ms',
      GITSYNC_MAX_FAILURES: '-1',
      // a server that goes away in the middle of an answer says nothing any more
      GITSYNC_SYNC_TIMEOUT: '5s',
      ...env,
    };
    // the values come from the environment of docker's own process: they are no arguments here either
    const args = ['run', '--detach', '--name', one.name, '--network', server.network, '--user', '0:65533']
      .concat(['--volume', '/git', '--cap-drop', 'ALL', '--cap-add', 'DAC_READ_SEARCH'])
      .concat(Object.keys(all).flatMap((name) => ['--env', name]))
      .concat(Object.entries(files).flatMap(([from, to]) => ['--volume', `${from}:${to}:ro`]))
      .concat(image);
    await execa('docker', args, { env: all });
    return one;
  }

  run(script: string, input?: string): Promise<Called> {
    const line = ['exec', ...(input === undefined ? [] : ['--interactive']), this.name, 'bash', '-c', script];
    return docker(line, input === undefined ? {} : { input });
  }

  /** What a reader of the volume sees of a file; empty when it is not there. */
  async shown(file: string): Promise<string> {
    return (await this.run(`cat /git/repo/${file}`)).stdout.trim();
  }

  shows(commit: string, seconds = 10): Promise<string> {
    const link = async () => (await this.run('readlink /git/repo')).stdout.trim();
    return until(link, (target) => target === `.worktrees/${commit}`, seconds);
  }

  async state(): Promise<{ commit: string; ref: string; success: number; error: string }> {
    return JSON.parse((await this.run('cat /git/.gather-sync.json')).stdout || '{}');
  }

  async saysError(pattern: RegExp): Promise<string> {
    const { error } = await until(
      () => this.state(),
      (state) => pattern.test(state.error ?? ''),
      20,
    );
    return error;
  }

  async log(): Promise<string> {
    const { stdout, stderr } = await docker(['logs', this.name]);
    return stdout + stderr;
  }

  /** Its exit code, once it has ended. */
  async ended(): Promise<number> {
    return Number(await dockerOk(['wait', this.name]));
  }

  async remove(): Promise<void> {
    await docker(['rm', '--force', '--volumes', this.name]);
  }
}

async function start(env: Record<string, string>, files?: Record<string, string>): Promise<GitSync> {
  await sync?.remove();
  sync = await GitSync.start(env, files);
  return sync;
}

/** Starts one that is to end by itself. */
async function outcome(env: Record<string, string>, files?: Record<string, string>) {
  const one = await start(env, files);
  return { code: await one.ended(), log: await one.log() };
}

const ssh = (knownHosts = server.knownHostsFile) => ({
  [server.keyFile]: '/etc/git-secret/ssh',
  [knownHosts]: '/etc/git-secret/known_hosts',
});

describe.each([
  ['http, with a login', () => start(withLogin)],
  ['SSH, with a key', () => start({ GITSYNC_REPO: server.ssh }, ssh())],
])('a private repository over %s', (name, how) => {
  test('is there, and so is what is pushed, a second later at most', async () => {
    const one = await how();
    await one.shows(await server.commit('echo one > dags/a.py'));
    const started = Date.now();
    const pushed = await server.commit('echo two > dags/a.py');
    await one.shows(pushed);
    const ms = Date.now() - started;
    console.log(`push → visible, ${name}: ${ms} ms`);
    expect(ms).toBeLessThan(2000);
    expect(await one.shown('dags/a.py')).toBe('two');
    expect(await one.state()).toMatchObject({ commit: pushed, ref: 'HEAD', error: '' });
    expect((await one.run('ls /git/.worktrees')).stdout.trim()).toBe(pushed);
  });
});

test('the login stands in no argument, no file and no log, and neither does one in the address', async () => {
  const inAddress = `http://${login.user}:${encodeURIComponent(login.password)}@git-server/dags.git`;
  for (const env of [withLogin, { GITSYNC_REPO: inAddress }]) {
    const one = await start({ ...env, GITSYNC_PERIOD: '10ms' });
    await one.shows(await server.commit('date +%N > dags/a.py'));
    // while it works: what ps could see in two seconds
    const watch = one.run(
      'end=$((SECONDS + 2)); while ((SECONDS < end)); do cat /proc/[0-9]*/cmdline 2>/dev/null; done | tr "\\0" " "',
    );
    await one.shows(await server.commit('date +%N > dags/a.py'));
    const { stdout: seen } = await watch;
    expect(seen).toContain('git ls-remote');
    await server.turn('stop');
    await one
      .saysError(/Could not|Failed to connect|unable to access|^no answer within/i)
      .finally(() => server.turn('start'));
    const traces = [login.password, encodeURIComponent(login.password)];
    const { stdout: files } = await one.run('grep -rlFf - /git /tmp || true', `${traces.join('\n')}\n`);
    expect(files).toBe('');
    for (const text of [seen, await one.log(), JSON.stringify(await one.state())])
      for (const trace of traces) expect(text).not.toContain(trace);
  }
});

test('a wrong password is said without it, and ends the container when failures may not be', async () => {
  const wrong = { GITSYNC_USERNAME: login.user, GITSYNC_PASSWORD: 'hunter-22', GITSYNC_MAX_FAILURES: '1' };
  const { code, log } = await outcome(wrong);
  expect(code).toBe(1);
  expect(log).toContain('Authentication failed');
  expect(log).toContain('FATAL: too many failures');
  expect(log).not.toContain('hunter-22');
});

test('a password may be in a file', async () => {
  const file = join(folder, 'password');
  writeFileSync(file, `${login.password}\n`, { mode: 0o600 });
  const env = { GITSYNC_USERNAME: login.user, GITSYNC_PASSWORD_FILE: '/run/password' };
  const one = await start(env, { [file]: '/run/password' });
  await one.shows((await server.git('rev-parse', 'main')).trim());
});

test('a server with another key is not believed, unless one says so', async () => {
  const strange = strangersKnownHosts(server, join(folder, 'strangers'));
  const one = await start({ GITSYNC_REPO: server.ssh }, ssh(strange));
  await one.saysError(/Host key verification failed/);
  expect((await one.run('ls /git/repo')).code).not.toBe(0);
  const believing = await start({ GITSYNC_REPO: server.ssh, GITSYNC_SSH_KNOWN_HOSTS: 'false' }, ssh(strange));
  await believing.shows((await server.git('rev-parse', 'main')).trim());
});

describe('the last good tree', () => {
  test('gives way to a force-push', async () => {
    await server.commit('echo old > dags/a.py');
    const one = await start(withLogin);
    const forced = await server.commit('echo forced > dags/a.py', { amend: true });
    await one.shows(forced);
    expect(await one.shown('dags/a.py')).toBe('forced');
  });

  test('stays when its branch is deleted, and is told from when it is', async () => {
    const commit = await server.commit('echo branch > dags/a.py', { branch: 'short-lived' });
    const one = await start({ ...withLogin, GITSYNC_REF: 'short-lived' });
    await one.shows(commit);
    await server.git('branch', '-D', 'short-lived');
    const error = await one.saysError(/couldn't find remote ref/);
    const { success } = await one.state();
    expect(error).toContain('short-lived');
    expect(Date.now() / 1000 - success).toBeLessThan(60);
    expect(await one.shown('dags/a.py')).toBe('branch');
    await one.shows(await server.commit('echo again > dags/a.py', { branch: 'short-lived' }));
    expect((await one.state()).error).toBe('');
  });

  test.each([
    // how long a name server looks for a name that is gone is its own affair: a limit of a second may come before its answer
    ['stop', 'start', /Could not resolve|Failed to connect/, '20s'],
    ['pause', 'unpause', /no answer within 1\.000 s/, '1s'],
  ])('stays through a %s of the server, and through a restart meanwhile', async (down, up, error, limit) => {
    const commit = await server.commit('date +%N > dags/a.py');
    const one = await start({ ...withLogin, GITSYNC_SYNC_TIMEOUT: limit });
    await one.shows(commit);
    await server.turn(down);
    try {
      await one.saysError(error);
      const { success } = await one.state();
      // for how long curl tried differs each time
      const said = async () =>
        ((await one.log()).match(/the sync failed.*/g) ?? []).map((line) => line.replace(/after \d+ ms/, ''));
      await dockerOk(['stop', one.name]);
      const before = await said();
      await dockerOk(['start', one.name]);
      await one.saysError(error);
      expect(await one.state()).toMatchObject({ commit, success });
      await one.shows(commit);
      await until(said, (lines) => lines.length > before.length, 20);
      // several tries more, of which each would say it again
      await new Promise((resolve) => setTimeout(resolve, 2500));
      const after = (await said()).slice(before.length);
      expect(before).toEqual([...new Set(before)]);
      expect(after).toEqual([...new Set(after)]);
    } finally {
      await server.turn(up);
    }
    await one.shows(await server.commit('date +%N > dags/a.py'), 20);
    expect(await one.log()).toContain('in step again');
  });

  test('is whole at every moment', async () => {
    const write = (text: string) =>
      server.commit(`mkdir -p many && for i in $(seq 300); do echo ${text} > many/$i.py; done`);
    const one = await start({ ...withLogin, GITSYNC_PERIOD: '10ms' });
    await one.shows(await write('begin'));
    // a reader that holds on to one tree: as long as the link still shows it, it is complete and of one commit
    const reader = one.run(`rounds=0; until [[ $(cat /git/repo/many/1.py) == end ]]; do
      tree=$(readlink -f /git/repo); seen=$(sort "$tree"/many/*.py 2>/dev/null | uniq -c)
      [[ $tree == "$(readlink -f /git/repo)" ]] || continue
      rounds=$((rounds + 1)); [[ $seen =~ ^\\ *300\\ [a-z0-9]+$ ]] || { echo "half: $seen"; exit 1; }
    done; echo $rounds`);
    for (let i = 0; i < 15; i++) await write(`n${i}`);
    await write('end');
    const { code, stdout } = await reader;
    expect([code, stdout.includes('half')]).toEqual([0, false]);
    expect(Number(stdout)).toBeGreaterThan(20);
    await server.commit('rm -r many');
  });
});

test('what a crash left behind is mended', async () => {
  const one = await start(withLogin);
  await one.shows((await server.git('rev-parse', 'main')).trim());
  await dockerOk(['kill', one.name]);
  const next = await server.commit('date +%N > dags/a.py');
  await dockerOk(
    [
      'run',
      '--rm',
      '--volumes-from',
      one.name,
      '--user',
      '0:65533',
      '--entrypoint',
      'bash',
      image,
      '-c',
    ].concat(
      `cd /git && touch .git/shallow.lock .git/index.lock && mkdir -p .worktrees/${next} && echo x > .git/HEAD`,
    ),
  );
  await dockerOk(['start', one.name]);
  await one.shows(next);
  expect((await one.run('ls -A /git/repo')).stdout.split('\n')).toEqual(expect.arrayContaining(['dags']));
});

describe('settings', () => {
  test('one time: it ends with the first sync', async () => {
    const { code, log } = await outcome({ ...withLogin, GITSYNC_ONE_TIME: 'true', GITSYNC_REF: 'main' });
    expect(code).toBe(0);
    expect(log).toMatch(/repo is commit [0-9a-f]{40} of main/);
  });

  test('depth, tag and commit', async () => {
    const commit = await server.commit('echo tagged > dags/a.py');
    await server.git('tag', '--force', 'v1', commit);
    await server.commit('echo newer > dags/a.py');
    const count = async (env: Record<string, string>) => {
      const one = await start({ ...withLogin, ...env });
      await one.shows(commit);
      return Number(
        (await one.run('GIT_CONFIG_GLOBAL=$(ls /tmp/*/gitconfig) git -C /git/repo rev-list --count HEAD'))
          .stdout,
      );
    };
    expect(await count({ GITSYNC_REF: 'v1' })).toBe(1);
    expect(await count({ GITSYNC_REF: commit, GITSYNC_DEPTH: '2' })).toBe(2);
    expect(await count({ GITSYNC_REF: 'v1', GITSYNC_DEPTH: '0' })).toBeGreaterThan(2);
  });

  test('submodules', async () => {
    const add = 'git -c protocol.file.allow=always submodule --quiet add ../dags.git lib';
    const commit = await server.commit(add, { branch: 'nested' });
    const one = await start({ ...withLogin, GITSYNC_REF: 'nested' });
    await one.shows(commit);
    expect(await one.shown('lib/dags/a.py')).not.toBe('');
    const without = await start({ ...withLogin, GITSYNC_REF: 'nested', GITSYNC_SUBMODULES: 'off' });
    await without.shows(commit);
    expect(await without.shown('lib/dags/a.py')).toBe('');
  });

  test('the names of v3, with a notice', async () => {
    const { code, log } = await outcome({
      GITSYNC_REPO: 'http://nowhere/',
      GIT_SYNC_REPO: server.http,
      GIT_SYNC_BRANCH: 'main',
      GIT_SYNC_DEST: 'tree',
      GIT_SYNC_ROOT: '/git',
      GIT_SYNC_DEPTH: '1',
      GIT_SYNC_WAIT: '0.5',
      GIT_SYNC_ONE_TIME: 'true',
      GIT_SYNC_USERNAME: login.user,
      GIT_SYNC_PASSWORD: login.password,
    });
    expect([code, log]).toEqual([0, expect.stringMatching(/tree is commit [0-9a-f]{40} of main/)]);
    for (const [old, name] of [
      ['REPO', 'REPO'],
      ['BRANCH', 'REF'],
      ['DEST', 'LINK'],
      ['WAIT', 'PERIOD'],
      ['PASSWORD', 'PASSWORD'],
    ])
      expect(log).toContain(`$GIT_SYNC_${old} is a name of git-sync v3: use $GITSYNC_${name} instead`);
    expect(log).not.toContain(login.password);
  });

  test('over HTTP it says whether there is a tree yet', async () => {
    const ask =
      'exec 3<>/dev/tcp/localhost/1234 && printf "GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n" >&3 && head -1 <&3';
    const answer = async (one: GitSync) => (await one.run(ask)).stdout.trim();
    const none = await start({ GITSYNC_REPO: 'http://nowhere/', GITSYNC_HTTP_BIND: ':1234' });
    await until(
      () => answer(none),
      (line) => line === 'HTTP/1.1 503 Service Unavailable',
      10,
    );
    const one = await start({ ...withLogin, GITSYNC_HTTP_BIND: '0.0.0.0:1234' });
    await until(
      () => answer(one),
      (line) => line === 'HTTP/1.1 200 OK',
      10,
    );
  });

  test.each<[string, Record<string, string>]>([
    ['GITSYNC_REPO is not set', { GITSYNC_REPO: '' }],
    ['GITSYNC_PERIOD is "soon"', { GITSYNC_PERIOD: 'soon' }],
    ['GITSYNC_PERIOD is "1ms", and can only be 10ms or more', { GITSYNC_PERIOD: '1ms' }],
    ['GITSYNC_DEPTH is "-1"', { GITSYNC_DEPTH: '-1' }],
    ['GITSYNC_ONE_TIME is "maybe"', { GITSYNC_ONE_TIME: 'maybe' }],
    ['GITSYNC_SUBMODULES is "some"', { GITSYNC_SUBMODULES: 'some' }],
    ['GITSYNC_LINK is "a/b"', { GITSYNC_LINK: 'a/b' }],
    ['GITSYNC_ROOT /proc/x cannot be written to', { GITSYNC_ROOT: '/proc/x' }],
    ['GITSYNC_SSH_KEY_FILE /etc/git-secret/ssh cannot be read', { GITSYNC_REPO: 'git@git-server:x' }],
    [
      'GITSYNC_PASSWORD_FILE /nowhere cannot be read',
      { GITSYNC_USERNAME: 'u', GITSYNC_PASSWORD_FILE: '/nowhere' },
    ],
    ['GITSYNC_USERNAME is set, but neither', { GITSYNC_USERNAME: 'u' }],
    ['GITSYNC_PASSWORD is set, but not GITSYNC_USERNAME', { GITSYNC_PASSWORD: 'hunter-22' }],
    [
      'may have no login in it',
      { GITSYNC_REPO: 'http://u:hunter-22@h/r', GITSYNC_USERNAME: 'u', GITSYNC_PASSWORD: 'hunter-22' },
    ],
    ['only one of $GIT_SYNC_BRANCH and $GIT_SYNC_REV', { GIT_SYNC_BRANCH: 'a', GIT_SYNC_REV: 'b' }],
  ])('%s: the container says so and ends', async (text, env) => {
    const { code, log } = await outcome(env);
    expect([code, log]).toEqual([1, expect.stringContaining(text)]);
    expect(log).not.toContain('hunter-22');
  });
});

test('SIGTERM ends it at once, even while git waits for a server', async () => {
  const one = await start(withLogin);
  await one.shows((await server.git('rev-parse', 'main')).trim());
  await server.turn('pause');
  try {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const started = Date.now();
    await dockerOk(['stop', '--time', '20', one.name]);
    expect(Date.now() - started).toBeLessThan(3000);
    expect(await one.ended()).toBe(0);
  } finally {
    await server.turn('unpause');
  }
});
