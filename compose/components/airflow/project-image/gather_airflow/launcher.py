"""The `airflow` command, as quick as it can be for the services of a stack; anything else goes straight to Airflow.

A service starts at once and imports what it needs while the database still comes up; then it waits until the database has
the migrations of this Airflow, as the Helm chart's wait-for-airflow-migrations does, and goes on in the same process.
What each leaves out, and why, stands in its own module of gather_airflow.services.
"""
import gc
import importlib
import sys

SERVICES = {
    "scheduler": "scheduler:Scheduler",
    "triggerer": "triggerer:Triggerer",
    "dag-processor": "dag_processor:DagProcessor",
    "webserver": "webserver:WebServer",
    "api-server": "api_server:ApiServer",
    "celery worker": "celery_worker:CeleryWorker",
    "celery flower": "celery_flower:CeleryFlower",
}


def named(arguments):
    """`scheduler` of [scheduler, ...], `celery worker` of [celery, worker, ...]; None for any other command."""
    if {"-h", "--help"} & set(arguments):
        return None
    return next((name for name in (" ".join(arguments[:words]) for words in (1, 2)) if name in SERVICES), None)


def main():
    sys.argv[0] = "airflow"
    name = named(sys.argv[1:])
    if name:
        # While modules are imported nearly nothing is garbage, and looking for it costs a fifth of the time.
        gc.disable()
        module, cls = SERVICES[name].split(":")
        getattr(importlib.import_module("gather_airflow.services." + module), cls)().prepare()
    from airflow.__main__ import main as airflow

    return airflow()
