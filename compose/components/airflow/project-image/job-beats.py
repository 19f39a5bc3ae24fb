#!/usr/bin/env python
"""job-beats.py JOB_TYPE: does the job of this container beat? For a part of Airflow that answers on no port.

Exit 0 when Airflow's table `job` has a running one of this type and host with a heartbeat within 30 seconds (what Airflow
itself calls healthy); asks for 4 seconds before it says no. Airflow is not imported: that would cost half a second of CPU.
"""
import os
import re
import socket
import subprocess
import sys
import time

PATIENCE = 4.0  # seconds; while a stack starts, a check that waits is cheaper than one that the engine makes again and again
QUERY = """
SELECT 1 FROM job WHERE job_type = %s AND hostname = %s AND state = 'running'
AND latest_heartbeat > now() - interval '30 seconds' LIMIT 1
"""


def address():
    command = os.environ.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD")
    url = subprocess.check_output(command, shell=True, universal_newlines=True).strip() if command else os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    # libpq knows no drivers of SQLAlchemy
    return re.sub(r"^postgres(ql)?\+\w+:", "postgresql:", url)


def beats(cursor, job_type, host):
    cursor.execute("SELECT to_regclass('job')")
    if cursor.fetchone()[0] is None:
        return False  # not migrated yet; to ask for it would only write an error to PostgreSQL's log
    cursor.execute(QUERY, (job_type, host))
    return cursor.fetchone() is not None


def main(job_type):
    import psycopg2

    host = socket.getfqdn()  # what Airflow writes down (core.hostname_callable)
    deadline = time.monotonic() + PATIENCE
    connection = None
    while True:
        try:
            if connection is None:
                connection = psycopg2.connect(address(), connect_timeout=3)
                connection.autocommit = True
            with connection.cursor() as cursor:
                if beats(cursor, job_type, host):
                    return
            problem = "no heartbeat of %s on %s within 30 seconds" % (job_type, host)
        except psycopg2.OperationalError as error:  # the first line names the server, never the password
            connection, problem = None, (str(error).strip().splitlines() or ["the database does not answer"])[0]
        except psycopg2.Error as error:  # one about the address would quote it
            sys.exit("the database cannot be asked: %s" % type(error).__name__)
        if time.monotonic() > deadline:
            sys.exit(problem)
        time.sleep(0.3)


if __name__ == "__main__":
    main(sys.argv[1])
