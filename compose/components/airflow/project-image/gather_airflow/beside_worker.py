"""The process beside a Celery worker: it tells whether the worker can run tasks, and holds the door of its log server.

Can the worker run Airflow's tasks? It asks over the broker, and answers at port 8792. The question is not `ping` but
`registered`: a worker that does not know Airflow's own Celery task answers every ping, and drops every message
(apache/airflow issue 63729). A check that has to import Celery would cost a quarter of a second of CPU each time. It listens
on every address of the container, because a repeated `gather up` asks from outside; a worker's name is all that it tells.

GET /     the worker of this container: 200 as soon as it answers, 503 with the reason when it does not
GET /N    every worker: 200 when N or more answer

Airflow's log server, which shows a running task's log to the web server, starts when it is first asked: until then its port is
held here. The process is a fork of the worker made early, while that is small: of what two processes share, each one that
writes to a page gets a copy of it, and CPython writes to every object that it looks at.
"""
import contextlib
import ctypes
import functools
import gc
import json
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer

from airflow.configuration import conf
from celery import Celery
from kombu.utils.uuid import uuid

PORT = 8792
PATIENCE = 2  # seconds to wait for answers, less than who asks waits
AGAIN = 0.1  # seconds until the question is asked again: a worker that has just begun to listen has missed it
AIRFLOWS_TASKS = ("execute_command", "execute_workload")  # of Airflow 2 and of Airflow 3
PR_SET_PDEATHSIG = 1
FIRST_PASSED_FD = 3  # systemd's sd_listen_fds(3)


class Unfit(Exception):
    """What a person has to read, in one line."""


def answers(mailbox, destination, limit):
    """Names of the workers that answered and can run tasks; returns as soon as `limit` have answered."""
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


def log_door():
    """The listening socket of the log server: where Airflow would listen."""
    port = conf.getint("logging", "WORKER_LOG_SERVER_PORT")
    if socket.has_dualstack_ipv6():
        return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
    return socket.create_server(("", port))


def become_log_server(door):
    """Airflow's own, on the socket that is there: as systemd would hand it to gunicorn (Airflow 2), or told to uvicorn (Airflow 3)."""
    from airflow.utils.serve_logs import serve_logs

    os.dup2(door.fileno(), FIRST_PASSED_FD)
    os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
    if "uvicorn" in sys.modules:
        import uvicorn

        uvicorn.run = functools.partial(uvicorn.run, fd=FIRST_PASSED_FD)
    serve_logs()


def child(work):
    """A process that does this and ends."""
    if pid := os.fork():
        return pid
    try:
        work()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


@contextlib.contextmanager
def told_not_thrown():
    """Trouble with the log server (its port taken, no process left) is none of the worker's, which goes on."""
    try:
        yield
    except OSError:
        traceback.print_exc()


def serve(with_logs):
    signal.signal(signal.SIGALRM, too_late)
    health, doors = Server(("", PORT), Health), selectors.DefaultSelector()
    doors.register(health, selectors.EVENT_READ, health.handle_request)

    def start_log_server():
        doors.unregister(door)
        with door, told_not_thrown():
            child(lambda: (health.server_close(), become_log_server(door)))

    if with_logs:
        with told_not_thrown():
            door = log_door()
            doors.register(door, selectors.EVENT_READ, start_log_server)
    while True:
        for key, _ in doors.select():
            key.data()


def beside_the_worker(with_logs):
    """Forks it; what is returned is to be called when the worker begins: until then nobody need ask the broker for it."""
    worker, (begun, begin) = os.getpid(), os.pipe()

    def live():
        os.close(begin)
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == worker and os.read(begun, 1):
            gc.freeze()
            gc.enable()  # off while the worker starts, when this was forked
            serve(with_logs)

    child(live)
    os.close(begun)

    def begins():
        os.write(begin, b".")
        os.close(begin)

    return begins
