"""
### A sensor that holds no worker
The task hands its waiting to the triggerer and leaves the worker (state *deferred*). When the time has come, a worker
takes it up again. A thousand of them wait as cheaply as one.

`airflow dags trigger deferrable_sensor --conf '{"seconds": 60}'` waits for longer.
"""
from datetime import timedelta

import pendulum

try:  # Airflow 3
    from airflow.providers.standard.sensors.date_time import DateTimeSensorAsync
    from airflow.sdk import dag, task
except ImportError:  # Airflow 2
    from airflow.decorators import dag, task
    from airflow.sensors.date_time import DateTimeSensorAsync


@dag(
    schedule=None,
    start_date=pendulum.datetime(2025, 1, 1, tz="UTC"),
    catchup=False,
    default_args={"owner": "gather", "retries": 1, "retry_delay": timedelta(seconds=10)},
    params={"seconds": 10},
    tags=["example", "deferrable"],
    doc_md=__doc__,
)
def deferrable_sensor():
    wait = DateTimeSensorAsync(
        task_id="wait",
        target_time="{{ (ti.start_date + macros.timedelta(seconds=params.seconds)).isoformat() }}",
    )

    @task
    def go_on():
        print("The time has come.")

    wait >> go_on()


deferrable_sensor()
