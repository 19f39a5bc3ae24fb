"""What the processes of a Celery worker's pool share with it, instead of each having its own."""
import contextlib
import gc
import os


def shared_with_the_pool():
    freezes_before_it_forks()
    parsed_once()


def freezes_before_it_forks():
    """Celery collects garbage before each fork of its pool (celery/concurrency/asynpool.py, issue 2927), which writes to the header of
    every object: each process then has a copy of nearly all of the worker. What is frozen is left out."""
    worker = os.getpid()
    os.register_at_fork(before=lambda: gc.freeze() if os.getpid() == worker else None)


def parsed_once():
    """Each process of the pool tells cffi a line of C (billiard/util.py), which makes a parser of C for it: 20 ms and 10 MB. To ask for the
    signal that it will set makes the same parser, here."""
    with contextlib.suppress(ImportError, AttributeError, OSError):
        from billiard.util import get_pdeathsig

        get_pdeathsig()
