// Seconds until the REST API shows a new DAG file, a changed one, and the error of a broken one.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDag } from '../dag.mjs';
import { median, secondsUntil } from '../measure.mjs';
import { preparedStack } from './sides.mjs';

const GOAL = 3;

export async function pickup({ version, runs, rows }) {
  const { stack } = preparedStack(version);
  stack.up();
  const figures = { 'new DAG file': [], 'changed DAG file': [], 'broken DAG file': [] };
  for (let run = 0; run < runs; run++) {
    const id = `bench_new_${run}`;
    // words that stand nowhere else in an answer
    writeDag(stack.folder, id, 'tag_of_the_first');
    figures['new DAG file'].push(await shown(stack, `/dags/${id}`, 'tag_of_the_first'));
    writeDag(stack.folder, id, 'tag_of_the_second');
    figures['changed DAG file'].push(await shown(stack, `/dags/${id}`, 'tag_of_the_second'));
    const broken = `bench_broken_${run}.py`;
    writeFileSync(join(stack.folder, 'dags', broken), '# an airflow dag that is broken\nthis is no Python\n');
    figures['broken DAG file'].push(await shown(stack, '/importErrors', broken));
  }
  for (const [figure, values] of Object.entries(figures)) {
    const value = median(values);
    const goal = { goal: `≤ ${GOAL} s`, met: value <= GOAL };
    rows.push({ part: 'pickup', version, figure, side: 'gather', value, unit: 's', runs, ...goal });
  }
  stack.remove();
}

/** Seconds until the answer at `path` holds `word`; an answer that is no success is not yet one. */
function shown({ api, major }, path, word) {
  const ask = () =>
    api.ask(path).then(
      (body) => JSON.stringify(body).includes(word),
      () => false,
    );
  return secondsUntil(ask, { limit: 120, what: `${word} in ${path} of Airflow ${major}` });
}
