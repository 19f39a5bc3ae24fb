import { GatherError } from '../../output/errors.js';

// keyword.kwlist of Python 3.10 to 3.14
const KEYWORDS =
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(
    ' ',
  );

/** Throws USAGE unless the name can be a file, a function and a DAG's id at once; hints at one that can. */
export function checkDagName(name: string): void {
  const isWord = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
  if (isWord && !KEYWORDS.includes(name) && name.length <= 250) return;
  const better = name
    .replace(/\.py$/, '')
    .replace(/[^A-Za-z0-9_]+/g, '_')
    .replace(/^(?=\d)/, 'dag_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 250);
  const near = KEYWORDS.includes(better) || better === '' ? 'my_dag' : better;
  throw new GatherError('USAGE', `"${name}" cannot be the name of a DAG and of its Python function`, {
    details: ['letters, digits and underscores, no digit first, no word of Python itself'],
    hints: [`gather dags new ${near}`],
  });
}

/** The text of a new DAG file, which passes `gather test` as it is. TaskFlow moved to `airflow.sdk` in Airflow 3. */
export function dagTemplate(name: string, owner: string, major: number): string {
  return `"""
### ${name.replace(/_/g, ' ')}
What it is for and whom to ask: this text is its page in Airflow.

    gather dags trigger ${name} --conf '{"rows": 5}' --logs
"""
from datetime import timedelta

import pendulum
from ${major < 3 ? 'airflow.decorators' : 'airflow.sdk'} import dag, task


@dag(
    schedule=None,  # or "@daily", or a cron expression such as "0 6 * * *"
    start_date=pendulum.datetime(2025, 1, 1, tz="UTC"),
    catchup=False,
    default_args={"owner": ${JSON.stringify(owner)}, "retries": 1, "retry_delay": timedelta(seconds=10)},
    params={"rows": 3},
    tags=["new"],
    doc_md=__doc__,
)
def ${name}():
    @task
    def extract(params=None):
        return list(range(params["rows"]))

    @task
    def transform(rows):
        return [row * row for row in rows]

    @task
    def load(squares):
        print("loaded", squares)

    load(transform(extract()))


${name}()
`;
}
