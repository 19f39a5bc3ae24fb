"""Gives every forked Airflow process database connections of its own.

The scheduler forks its health server and its DAG processor after it has used the database (scheduler_command.py of 2.10
and 2.11). The child's pool then holds the parent's connection, and two processes that talk on one connection read each
other's answers: now and then the scheduler dies of NoSuchColumnError right after its start (apache/airflow issue 30170).
SQLAlchemy's documentation, "Using Connection Pools with Multiprocessing", asks for this very call in the child.
"""
import os
import sys


def forget_parents_connections():
    engine = getattr(sys.modules.get("airflow.settings"), "engine", None)
    if engine is not None:
        engine.dispose(close=False)  # the parent goes on using them: they are dropped here, not closed


os.register_at_fork(after_in_child=forget_parents_connections)
