"""log_door.py PORT: holds the port of a worker's log server until somebody asks, then becomes Airflow's own log server.

A program by itself, which imports next to nothing; part of the patch logs-when-asked."""
import os
import select
import socket
import sys

PASSED_FD = 3  # systemd's sd_listen_fds(3)
# on the socket that is there: as systemd would hand it to gunicorn (Airflow 2), or told to uvicorn (Airflow 3)
SERVER = """
import functools, sys
from airflow.utils.serve_logs import serve_logs
if "uvicorn" in sys.modules:
    import uvicorn
    uvicorn.run = functools.partial(uvicorn.run, fd=%d)
serve_logs()
""" % PASSED_FD


def main(port):
    if socket.has_dualstack_ipv6():
        door = socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
    else:
        door = socket.create_server(("", port))
    select.select([door], [], [])
    os.dup2(door.fileno(), PASSED_FD)
    os.set_inheritable(PASSED_FD, True)  # which dup2 leaves as it is where the door has that very number
    os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
    os.execv(sys.executable, [sys.executable, "-c", SERVER])


if __name__ == "__main__":
    main(int(sys.argv[1]))
