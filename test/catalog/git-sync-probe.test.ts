import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { interpolate } from '../../src/project/interpolate.js';
import { ownBlueprint } from './play-catalog.js';

const probe = ownBlueprint([], 'git-sync')
  .components.flatMap((one) => one.probes)
  .find(({ service }) => service === 'git-sync');

/** What the component's own probe says in a container whose last good sync was so long ago. */
async function probed(ageInSeconds: number, env: Record<string, string>) {
  const root = mkdtempSync(join(tmpdir(), 'gather-git-sync-'));
  onTestFinished(() => rm(root, { recursive: true }));
  mkdirSync(join(root, 'abcdef0123456789'));
  symlinkSync('abcdef0123456789', join(root, 'repo'));
  const success = Math.floor(Date.now() / 1000) - ageInSeconds;
  writeFileSync(
    join(root, '.gather-sync.json'),
    `{"commit":"","ref":"","success":${success},"error":"fatal: no"}\n`,
  );
  const [command = '', ...words] = (probe?.command ?? []).map((word) =>
    interpolate(word, () => undefined).replace('/git', root),
  );
  return execa(command, words, { reject: false, env, extendEnv: false });
}

test.each([
  [{ GITSYNC_PERIOD: '1s' }, 30],
  [{ GITSYNC_PERIOD: '1m30s' }, 900],
  [{ GITSYNC_PERIOD: '1s', GIT_SYNC_PERIOD: '20s' }, 200],
  [{ GITSYNC_PERIOD: '1s', GIT_SYNC_PERIOD: '20s', GIT_SYNC_WAIT: '300' }, 3000],
  [{ GITSYNC_PERIOD: '30s', GIT_SYNC_WAIT: '0' }, 300],
])(
  'with %o, the tree may be %i s old, which is ten times the pause and half a minute at least',
  async (env, limit) => {
    // (the test itself takes a moment, too)
    expect(await probed(limit - 10, env)).toMatchObject({ exitCode: 0, stdout: '' });
    expect(await probed(limit + 1, env)).toMatchObject({
      exitCode: 1,
      stdout: expect.stringMatching(/^the last good tree \(abcdef01\) is \d+ s old: fatal: no$/),
    });
  },
);
