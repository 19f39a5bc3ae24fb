// Seconds from dropping a DAG file where production has it until the REST API lists it: in a bucket, in git.
import { writeDag } from '../dag.mjs';
import { median, run, secondsUntil } from '../measure.mjs';
import { Stack } from '../stack.mjs';

const GOAL = 5;
const STORAGE_PORTS = ['S3_PORT=18090', 'S3_CONSOLE_PORT=18091'];

export async function delivery({ version, runs, rows }) {
  const bucket = new Stack(version, { topology: 'eks', settings: STORAGE_PORTS });
  const push = () => bucket.gather('dags', 'push');
  bucket.up();
  await measure('DAG file in a bucket', { stack: bucket, drop: push, version, runs, rows });

  const git = new Stack(version, { topology: 'git-sync', settings: STORAGE_PORTS });
  run('git', ['init', '--quiet'], { cwd: git.folder });
  commit(git.folder);
  git.up();
  await measure('DAG file in git', { stack: git, drop: () => commit(git.folder), version, runs, rows });
}

async function measure(figure, { stack, drop, version, runs, rows }) {
  const times = [];
  for (let run = 0; run < runs; run++) {
    const id = `bench_dropped_${run}`;
    writeDag(stack.folder, id);
    const start = performance.now();
    drop();
    const listed = () =>
      stack.api.ask(`/dags/${id}`).then(
        () => true,
        () => false,
      );
    await secondsUntil(listed, { limit: 120, what: id });
    times.push((performance.now() - start) / 1000);
  }
  const value = median(times);
  const goal = { goal: `≤ ${GOAL} s`, met: value <= GOAL };
  rows.push({ part: 'delivery', version, figure, side: 'gather', value, unit: 's', runs, ...goal });
  stack.remove();
}

function commit(folder) {
  const git = (...args) =>
    run('git', ['-c', 'user.name=Bench', '-c', 'user.email=bench@localhost', ...args], { cwd: folder });
  git('add', '--all');
  git('commit', '--quiet', '--message', 'bench');
}
