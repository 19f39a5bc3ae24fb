"""Can a Celery worker run Airflow's tasks? A process beside it asks over the broker, and answers at port 8792.

The question is not `ping` but `registered`: a worker that does not know Airflow's own Celery task answers every ping, and
drops every message (apache/airflow issue 63729). The process is a fork of the worker before it starts, because a check
that has to import Celery costs a quarter of a second of CPU each time. It listens on every address of the container, because a
repeated `gather up` asks from outside; a name of a worker is all that it tells.

GET /     the worker of this container: 200 as soon as it answers, 503 with the reason when it does not
GET /N    every worker: 200 when N or more answer
"""
import ctypes
import json
import os
import signal
import socket
import time
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer

PORT = 8792
PATIENCE = 2  # seconds to wait for answers, less than who asks waits
AGAIN = 0.1  # seconds until the question is asked again: a worker that has just begun to listen has missed it
AIRFLOWS_TASKS = ("execute_command", "execute_workload")  # of Airflow 2 and of Airflow 3
PR_SET_PDEATHSIG = 1


class Unfit(Exception):
    """What a person has to read, in one line."""


def answers(mailbox, destination, limit):
    """Names of the workers that answered and can run tasks; returns as soon as `limit` have answered."""
    from kombu.utils.uuid import uuid

    known, ticket, deadline = {}, uuid(), time.monotonic() + PATIENCE
    while len(known) < limit and time.monotonic() < deadline:
        # what app.control.broadcast does, but with one ticket: an answer that comes late is one, too
        mailbox._publish("registered", {}, destination=destination, reply_ticket=ticket, timeout=PATIENCE)
        for reply in mailbox._collect(ticket, limit=limit - len(known), timeout=AGAIN):
            known.update({name: tasks for name, tasks in reply.items() if isinstance(tasks, list)})
    for name, tasks in known.items():
        if not any(task.endswith(AIRFLOWS_TASKS) for task in tasks):
            raise Unfit("%s does not know Airflow's Celery task: this Celery provider does not fit this Airflow" % name)
    return sorted(known)


def ask(destination, limit):
    from celery import Celery

    from airflow.configuration import conf

    app = Celery("health", broker=conf.get("celery", "broker_url"), set_as_current=False)
    app.conf.broker_connection_timeout = PATIENCE
    signal.alarm(PATIENCE + 1)  # the client library would try a broker that is away for longer
    try:
        with app.connection_for_write() as connection:
            return answers(app.control.mailbox(connection), destination, limit)
    finally:
        signal.alarm(0)


class Health(BaseHTTPRequestHandler):
    timeout = 1  # for who connects and says nothing: one is answered after the other

    def do_GET(self):
        path = self.path.strip("/")
        if path and not path.isdecimal():
            self.send_error(404)
            return
        wanted = int(path or 1)
        try:
            names = ask(None if path else ["celery@" + socket.gethostname()], wanted)
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

    def handle_error(self, *_):
        """Who asked has not waited."""


def too_late(*_):
    raise TimeoutError


def answer_beside_the_worker():
    worker = os.getpid()
    if os.fork():
        return
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == worker:
            signal.signal(signal.SIGALRM, too_late)
            Server(("", PORT), Health).serve_forever()
    finally:
        os._exit(1)
