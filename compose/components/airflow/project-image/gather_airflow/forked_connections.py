"""The one cure of a fault of Airflow's own: a process that Airflow 2's scheduler forks gets database connections of its own.

The scheduler forks its health server and its DAG processor after it has used the database (scheduler_command.py of 2.10 and 2.11). The
child's pool then holds the parent's connection, two processes that talk on one read each other's answers, and now and then the
scheduler dies right after its start of "error with status PGRES_TUPLES_OK" or NoSuchColumnError (apache/airflow issue 30170). Airflow 3
does itself what is done here (airflow/settings.py, clean_in_fork): what SQLAlchemy's documentation asks for, "Using Connection Pools with
Multiprocessing". No object of Airflow's is replaced: it is a hook of Python's own, which calls a public method in the child.
"""
import os
import sys


def forget_parents_connections():
    engine = getattr(sys.modules.get("airflow.settings"), "engine", None)
    if engine is not None:
        engine.dispose(close=False)  # the parent goes on using them: they are dropped here, not closed


def forgotten_in_each_child():
    os.register_at_fork(after_in_child=forget_parents_connections)
