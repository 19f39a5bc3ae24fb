"""
### From a file in a bucket to a table of Iceberg
`write` puts a parquet file into the bucket of the lake, as any other program could; `make` has Trino make a table of it, without
copying a row; `check` asks Trino whether all of it is there.

Trino is the connection `trino_default`; the bucket and its connection are the Airflow variables `lake_bucket` and `lake_conn_id`,
which this stack sets.
"""
import io

import pendulum
from airflow.providers.common.sql.operators.sql import SQLCheckOperator, SQLExecuteQueryOperator

try:  # Airflow 3
    from airflow.sdk import dag, task
except ImportError:  # Airflow 2
    from airflow.decorators import dag, task

TABLE = "iceberg.example.readings"
FOLDER = "example/readings-{{ run_id | replace(':', '-') }}/"


@dag(
    schedule=None,
    start_date=pendulum.datetime(2025, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args={"owner": "gather"},
    tags=["example", "trino"],
    doc_md=__doc__,
)
def lake():
    @task
    def write(bucket, conn_id, folder):
        # (loading them takes a second, which reading this file need not)
        import pyarrow
        import pyarrow.parquet
        from airflow.providers.amazon.aws.hooks.s3 import S3Hook

        rows = {"sensor": ["north", "south"] * 50, "value": [n / 10 for n in range(100)]}
        parquet = io.BytesIO()
        pyarrow.parquet.write_table(pyarrow.table(rows), parquet)
        S3Hook(conn_id).load_bytes(parquet.getvalue(), f"{folder}readings.parquet", bucket, replace=True)

    make = SQLExecuteQueryOperator(
        task_id="make",
        conn_id="trino_default",
        sql=[
            "CREATE SCHEMA IF NOT EXISTS iceberg.example",
            f"DROP TABLE IF EXISTS {TABLE}",
            f"CREATE TABLE {TABLE} (sensor varchar, value double)",
            f"ALTER TABLE {TABLE} EXECUTE add_files("
            f"location => 's3://{{{{ var.value.lake_bucket }}}}/{FOLDER}', format => 'PARQUET')",
        ],
    )
    check = SQLCheckOperator(
        task_id="check",
        conn_id="trino_default",
        sql=f"SELECT count(*) = 100, sum(value) = 495, count(DISTINCT sensor) = 2 FROM {TABLE}",
    )
    write("{{ var.value.lake_bucket }}", "{{ var.value.lake_conn_id }}", FOLDER) >> make >> check


lake()
