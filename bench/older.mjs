// The build of an earlier commit, made once on this machine from git and npm, to be measured beside today's.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atEnd } from './clean-up.mjs';
import { run } from './measure.mjs';

const HERE = fileURLToPath(new URL('..', import.meta.url));
/** The last commit before issue 14, which made a component one folder and gave the project one writer. */
export const COMMIT = '740c915';

/** The older build's main.js. */
export function olderBuild() {
  const place = join(tmpdir(), 'gather-bench-builds', COMMIT);
  if (!existsSync(place)) build(place);
  return join(place, 'dist/main.js');
}

/** In a folder beside it, which takes its name once all of it is there: one that was interrupted is not taken for a build. */
function build(place) {
  console.error(`building ${COMMIT} in ${place} …`);
  mkdirSync(join(place, '..'), { recursive: true });
  const folder = mkdtempSync(`${place}-`);
  const forget = atEnd(() => rmSync(folder, { recursive: true, force: true }));
  run('git', ['archive', '--output', join(folder, 'source.tar'), COMMIT], { cwd: HERE });
  run('tar', ['xf', 'source.tar'], { cwd: folder });
  // (its lock file leaves out what other platforms would need, which `npm ci` refuses)
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
  run('npm', ['run', 'build'], { cwd: folder });
  renameSync(folder, place);
  forget();
}
