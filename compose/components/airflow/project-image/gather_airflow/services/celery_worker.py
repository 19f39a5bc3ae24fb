"""airflow celery worker"""
import contextlib
import gc
import importlib
import sys
import time
from types import SimpleNamespace

from gather_airflow.services import Service, no_log_server
from gather_airflow.task_supervisor import no_waiting_for_who_has_hung_up

COMMAND = "airflow.providers.celery.cli.celery_command"


class CeleryWorker(Service):
    imports = (COMMAND, "airflow.providers.celery.executors.celery_executor", "celery.bin.worker")

    def before_imports(self):
        from gather_airflow.beside_worker import beside_the_worker

        super().before_imports()
        # its log server waits there until somebody asks for a log: the worker starts none, and imports none
        self.begins = beside_the_worker(with_logs=not {"-s", "--skip-serve-logs"} & set(sys.argv))
        no_log_server(importlib.import_module(COMMAND))
        without_plugins()

    def after_imports(self):
        mapped_before_the_pool()
        logged_without_mappers()

    def before_start(self):
        self.begins()
        parsed_before_the_pool()
        frozen_before_the_pool()
        no_waiting_at_the_end()
        no_waiting_for_who_has_hung_up()


def without_plugins():
    """Celery's command line imports the commands of its plugins: Flower with its web pages (0.2 s), which a worker does not use."""
    try:
        import click_plugins
    except ModuleNotFoundError:
        return  # a Celery that does without it

    original = click_plugins.with_plugins
    click_plugins.with_plugins = lambda _: lambda group: group
    try:
        importlib.import_module("celery.bin.celery")
    finally:
        click_plugins.with_plugins = original


def mapped_before_the_pool():
    """A task of Airflow 2 is a fork of the worker, which makes SQLAlchemy's mappers of all models before it begins (0.2 s).
    Made here, they are there in each. Tasks of Airflow 3 have nothing to do with the database."""
    from airflow.version import version

    if version.startswith("2."):
        from airflow import models
        from sqlalchemy.orm import configure_mappers

        models.import_all_models()
        configure_mappers()


def logged_without_mappers():
    """Each command writes a row to the audit log, for which SQLAlchemy makes the mappers of all models (half a second): a worker of
    Airflow 3 has no other use for them. The same row, as a plain INSERT."""
    from airflow.version import version
    from sqlalchemy.orm import Session

    original = Session.bulk_insert_mappings

    def insert(self, model, rows, *arguments, **named):
        Session.bulk_insert_mappings = original  # what tasks call later is SQLAlchemy's own
        if getattr(model, "__module__", "") != "airflow.models.log":
            return original(self, model, rows, *arguments, **named)
        table = model.__table__
        self.execute(table.insert(), [{name: value for name, value in row.items() if name in table.columns} for row in rows])

    if not version.startswith("2."):
        Session.bulk_insert_mappings = insert


def parsed_before_the_pool():
    """Each process of the pool asks to be killed with its parent, by cffi, which reads a line of C for that with a parser of C: 20 ms and
    10 MB each. Asked here for no such signal, which is what the parent has, it is read once (billiard/util.py, set_pdeathsig)."""
    from billiard.util import set_pdeathsig

    with contextlib.suppress(OSError):  # as Celery does
        set_pdeathsig(0)


def frozen_before_the_pool():
    """Celery collects garbage in the parent before each fork of its pool (celery/concurrency/asynpool.py, issue 2927), which writes
    to the header of every object: each child then has a copy of nearly all of its parent, 70 MB. Frozen objects are left out."""
    from celery.signals import celeryd_init

    celeryd_init.connect(lambda **_: gc.freeze(), weak=False)


def no_waiting_at_the_end():
    """What a worker waits for while it stops, with nothing left to do: a process of its pool sleeps a second before it ends, for its
    parent to read its last words, which stay in the pipe (billiard/pool.py, _do_exit); the thread that keeps the timers going
    meanwhile sleeps half a second at a time, and is waited for (celery/concurrency/prefork.py, on_stop)."""
    from billiard import pool
    from celery.concurrency import prefork

    original = pool.Worker._do_exit

    def do_exit(self, pid, exitcode, exc=None):
        if not exitcode and exc is None:
            pool.time = SimpleNamespace(**{**vars(time), "sleep": lambda _: None})
        original(self, pid, exitcode, exc)

    pool.Worker._do_exit = do_exit
    if hasattr(prefork, "time"):
        prefork.time = SimpleNamespace(**{**vars(time), "sleep": lambda seconds: time.sleep(min(seconds, 0.05))})
