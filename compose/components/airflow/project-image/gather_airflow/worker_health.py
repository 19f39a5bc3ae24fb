"""The process beside a Celery worker that tells whether the worker can run tasks, by asking it over the broker.

A worker that answers `ping` may still run nothing: one that does not know Airflow's own Celery task drops every message
(apache/airflow issue 63729), and one that has been told to leave its queue gets none. So the questions are `registered` and
`active_queues`. A check that imports Celery each time would cost a quarter of a second of CPU; this process is a fork of the
launcher, made while that is small: of what two processes share, each that writes to a page gets a copy, and CPython writes to every
object that it looks at. It listens on every address of the container, because a repeated `gather up` asks from outside; a worker's
name is all that it tells.

GET /     the worker of this container: 200 as soon as it answers, 503 with the reason when it does not
GET /N    every worker: 200 when N or more answer
"""
import ctypes
import gc
import json
import os
import pickle
import signal
import socket
import sys
import time
import traceback
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer

PORT = 8792
PATIENCE = 2  # seconds to wait for answers, less than who asks waits
FIRST, LONGEST = 0.1, 1  # seconds until a question is asked again: a worker that has just begun to listen has missed it
AIRFLOWS_TASKS = ("execute_command", "execute_workload")  # of Airflow 2 and of Airflow 3
PR_SET_PDEATHSIG = 1


class Unfit(Exception):
    """What a person has to read, in one line."""


def option(arguments, short, long, default):
    """The value that `airflow celery worker …` is given for an option."""
    for flag in (short, long):
        if flag in arguments[:-1]:
            return arguments[arguments.index(flag) + 1]
    given = [word.split("=", 1)[1] for word in arguments if word.startswith(long + "=")]
    return given[-1] if given else default


def queues_of(arguments, default):
    """The queues that it is told to consume."""
    return option(arguments, "-q", "--queues", default).split(",")


def name_of(arguments):
    """What it is called, as Celery makes it (celery.utils.nodenames)."""
    given = option(arguments, "-H", "--celery-hostname", "") or socket.gethostname()
    return given if "@" in given else "celery@" + given


def fault(name, tasks, consumed, queues):
    """Why a worker that answers runs no task of Airflow, or nothing. `queues` are those it has to consume; none for just any."""
    if not any(task.endswith(AIRFLOWS_TASKS) for task in tasks):
        return "%s does not know Airflow's Celery task: this Celery provider does not fit this Airflow" % name
    missing = sorted(set(queues) - set(consumed)) if queues else []
    if missing or not consumed:
        return "%s does not consume %s" % (name, ", ".join("the queue " + queue for queue in missing) or "any queue")
    return ""


def answers(inspect, question, wanted):
    """{worker: its answer}; returns as soon as `wanted` have answered, or after PATIENCE with those that have."""
    deadline, pause = time.monotonic() + PATIENCE, FIRST
    while True:
        replies = getattr(inspect(timeout=pause, limit=wanted), question)() or {}
        if len(replies) >= wanted or time.monotonic() > deadline:
            return replies
        pause = min(2 * pause, LONGEST)


class Worker:
    def __init__(self, name, queues, configuration):
        self.name, self.queues, self.configuration = name, queues, configuration

    def able(self, everybody, wanted):
        """Names of the workers that answered, of everybody or of this container; Unfit when one of them runs no tasks."""
        from celery import Celery

        own = self.name
        if not self.configuration.get("worker_enable_remote_control", True):
            return [own] * wanted  # nobody can be asked: this process ends with its worker, and that is all that is known
        app = Celery("health", config_source=dict(self.configuration, broker_connection_timeout=PATIENCE), set_as_current=False)
        signal.alarm(2 * PATIENCE - 1)  # the client library would try a broker that is away for longer
        try:
            with app.connection_for_write() as connection:
                inspect = lambda **limits: app.control.inspect(None if everybody else [own], connection=connection, **limits)
                tasks = answers(inspect, "registered", wanted)
                if len(tasks) < wanted:
                    return sorted(tasks)
                queues = answers(inspect, "active_queues", len(tasks))
        finally:
            signal.alarm(0)
        for name in queues:
            reason = fault(name, tasks.get(name) or [], [queue["name"] for queue in queues[name]], [] if everybody else self.queues)
            if reason:
                raise Unfit(reason)
        return sorted(queues)


class Health(BaseHTTPRequestHandler):
    timeout = 1  # for who connects and says nothing: one is answered after the other

    def do_GET(self):
        path = self.path.strip("/")
        if path and not path.isdecimal():
            self.send_error(404)
            return
        wanted = int(path or 1)
        try:
            names = self.server.worker.able(bool(path), wanted)
            problem = "" if len(names) >= wanted else "%d of %d workers answer" % (len(names), wanted)
        except Unfit as error:
            names, problem = [], str(error)
        except Exception as error:  # a broker that is away is an answer, not a crash; its URL must not be printed
            names, problem = [], "no answer from the broker: %s" % type(error).__name__
        body = (problem or json.dumps(names)).encode() + b"\n"
        self.send_response(503 if problem else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """A check that passes is no news."""


class Server(TCPServer):  # an HTTPServer would look up its own name first
    allow_reuse_address = True

    def __init__(self, worker):
        super().__init__(("", PORT), Health)
        self.worker = worker

    def handle_error(self, *_):
        """Who asked has not waited."""


def too_late(*_):
    raise TimeoutError


def asks_for(key):
    """Whether a setting of Celery has a part in asking over the broker: where that is, how it is spoken to, and who listens."""
    return key.startswith(("broker_", "control_", "security_")) or key in ("accept_content", "worker_enable_remote_control")


def celery_configuration():
    """What Airflow hands to Celery. With its module comes the providers' part of Airflow's configuration, without which the _CMD and
    the _SECRET of an option are not heeded; options of the transport, TLS and what a class path of one's own adds are in it, too."""
    from airflow.providers.celery.executors import celery_executor_utils as executor

    if executor.conf.has_option("celery", "celery_config_options"):
        return executor.conf.getimport("celery", "celery_config_options")
    from airflow.providers.celery.executors.default_celery import DEFAULT_CELERY_CONFIG

    return DEFAULT_CELERY_CONFIG


def settings(arguments):
    """(the worker's name, queues to consume, what of Celery's configuration it takes to ask) of `airflow ARGUMENTS`."""
    configuration = {key: value for key, value in celery_configuration().items() if asks_for(key.lower())}
    from airflow.configuration import conf

    return name_of(arguments), queues_of(arguments, conf.get("operators", "default_queue")), configuration


def beside_the_worker():
    """Forks the process, which ends with the worker. What is returned is to be called with the worker's arguments when it begins."""
    try:
        import celery.app.control  # before the fork, so that both have it: the worker imports it anyway
    except ImportError:
        return lambda *_: None  # the worker cannot start either, and says why
    parent, (told, tell) = os.getpid(), os.pipe()
    if os.fork() == 0:
        try:
            os.close(tell)
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            with os.fdopen(told, "rb") as pipe:
                said = pipe.read()
            if said and os.getppid() == parent:
                gc.freeze()
                gc.enable()
                signal.signal(signal.SIGALRM, too_late)
                Server(Worker(*pickle.loads(said))).serve_forever()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    os.close(told)

    def begins(arguments):
        with os.fdopen(tell, "wb") as pipe:
            try:
                pipe.write(pickle.dumps(settings(arguments)))
            except Exception:  # a configuration that cannot be read: Airflow's own command says why
                traceback.print_exc()

    return begins
