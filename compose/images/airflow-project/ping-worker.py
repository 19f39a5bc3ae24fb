#!/usr/bin/env python
"""Can a Celery worker run Airflow's tasks? Asks over the broker, without importing Airflow (half a second of CPU by itself).

The question is not `ping` but `registered`: a worker that does not know Airflow's own Celery task answers every ping, and
drops every message (apache/airflow issue 63729).

ping-worker.py           the worker of this container: exit 0 when it answers. Waits, before anything is imported, up to
                         4 seconds for the worker's log server (port 8793).
ping-worker.py --all N   every worker: prints the names that answered as a JSON list; exit 0 when there are N or more.
"""
import os
import signal
import socket
import sys
import time

PATIENCE, OWN_PATIENCE = 3, 5  # seconds to wait for answers: of all workers, of the one that may just be starting
AGAIN = 0.1  # seconds until the question is asked again: a worker that has just begun to listen has missed it
AIRFLOWS_TASKS = ("execute_command", "execute_workload")  # of Airflow 2 and of Airflow 3


def broker_url():
    command = os.environ.get("AIRFLOW__CELERY__BROKER_URL_CMD")
    if command:
        import subprocess

        return subprocess.check_output(command, shell=True, universal_newlines=True).strip()
    return os.environ.get("AIRFLOW__CELERY__BROKER_URL") or sys.exit("AIRFLOW__CELERY__BROKER_URL is not set")


def answers(destination, limit, patience):
    """Names of the workers that answered and can run tasks; returns as soon as `limit` have answered."""
    import gc

    gc.disable()  # it ends soon: looking for garbage costs a tenth of its time
    from celery import Celery
    from kombu.utils.uuid import uuid

    signal.alarm(patience + 1)  # the client library would try a broker that is away for longer
    app = Celery("ping", broker=broker_url(), set_as_current=False)
    app.conf.broker_connection_timeout = patience
    known, ticket, deadline = {}, uuid(), time.monotonic() + patience
    with app.connection_or_acquire() as connection:
        mailbox = app.control.mailbox(connection)
        while len(known) < limit and time.monotonic() < deadline:
            # what app.control.broadcast does, but with one ticket: an answer that comes late is one, too
            mailbox._publish("registered", {}, destination=destination, reply_ticket=ticket, timeout=patience)
            for reply in mailbox._collect(ticket, limit=limit - len(known), timeout=AGAIN):
                known.update({name: tasks for name, tasks in reply.items() if isinstance(tasks, list)})
    for name, tasks in known.items():
        if not any(task.endswith(AIRFLOWS_TASKS) for task in tasks):
            sys.exit("%s does not know Airflow's Celery task: this Celery provider does not fit this Airflow" % name)
    return sorted(known)


def listening(port):
    """Whether the port opens within 4 seconds: a check that waits is cheaper than the engine's asking twice a second."""
    for _ in range(20):
        try:
            socket.create_connection(("localhost", port), timeout=1).close()
            return True
        except OSError:
            time.sleep(0.2)
    return False


def main(arguments):
    if arguments[:1] == ["--all"]:
        import json

        wanted = int(arguments[1])
        workers = answers(None, wanted, PATIENCE)
        print(json.dumps(workers))
        if len(workers) < wanted:
            print("%d of %d workers answer" % (len(workers), wanted), file=sys.stderr)
        return len(workers) < wanted
    port = int(os.environ.get("AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT") or 8793)
    if not listening(port):
        sys.exit("the worker is not up yet: nothing listens on port %d" % port)
    name = "celery@" + socket.gethostname()
    return answers([name], 1, OWN_PATIENCE) != [name]


if __name__ == "__main__":
    signal.signal(signal.SIGALRM, lambda *_: sys.exit("no answer from the broker in time"))
    try:
        sys.exit(main(sys.argv[1:]))
    except Exception as error:  # a broker that is away is an answer, not a crash; its URL must not be printed
        sys.exit("no answer from the broker: %s" % type(error).__name__)
