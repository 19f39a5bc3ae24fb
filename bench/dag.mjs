// The tiny DAG of the bench: one task that returns. Versions 2 and 3 of Airflow read the same file.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const tinyDag = (id, tag = 'one') => `# an airflow dag of the bench
try:
    from airflow.sdk import dag, task
except ImportError:
    from airflow.decorators import dag, task
import datetime


@dag(dag_id="${id}", schedule=None, start_date=datetime.datetime(2025, 1, 1), tags=["${tag}"])
def tiny():
    @task
    def done():
        return 1

    done()


tiny()
`;

export function writeDag(project, id, tag) {
  mkdirSync(join(project, 'dags'), { recursive: true });
  writeFileSync(join(project, 'dags', `${id}.py`), tinyDag(id, tag), { mode: 0o644 });
}
