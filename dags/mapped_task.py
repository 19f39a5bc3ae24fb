"""
### One task, many times, on all workers
How often `work` runs is known only when `numbers` has ended: dynamic task mapping. A Celery worker takes no more than
its share at a time (`AIRFLOW__CELERY__WORKER_CONCURRENCY`, 4), so eight keep two workers busy; `report` says who did
how many.
"""
import socket
import time
from collections import Counter
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
    params={"count": 8},
    tags=["example", "mapping"],
    doc_md=__doc__,
)
def mapped_task():
    @task
    def numbers(params=None):
        return list(range(params["count"]))

    @task
    def work(number):
        time.sleep(1)  # stands for real work, long enough for every worker to get some
        print(f"{number} squared is {number**2}, says {socket.gethostname()}")
        return socket.gethostname()

    @task
    def report(hosts):
        return dict(Counter(hosts))

    report(work.expand(number=numbers()))


mapped_task()
