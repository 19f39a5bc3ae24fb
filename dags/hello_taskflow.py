"""
### Hello, TaskFlow
Python functions become tasks; what one returns, the next one takes, through XCom.

`airflow dags trigger hello_taskflow --conf '{"name": "Ada"}'` greets somebody else.
"""
from datetime import timedelta

import pendulum

try:  # Airflow 3
    from airflow.sdk import dag, task
except ImportError:  # Airflow 2
    from airflow.decorators import dag, task


@dag(
    schedule=None,
    start_date=pendulum.datetime(2025, 1, 1, tz="UTC"),
    catchup=False,
    default_args={"owner": "gather", "retries": 1, "retry_delay": timedelta(seconds=10)},
    params={"name": "world"},
    tags=["example", "taskflow"],
    doc_md=__doc__,
)
def hello_taskflow():
    @task
    def greet(params=None):
        return f"Hello, {params['name']}!"

    @task
    def say(greeting):
        print(greeting)

    say(greet())


hello_taskflow()
