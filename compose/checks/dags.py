"""What `gather test` and `gather dags test` run in a throwaway Airflow container, as `python -c`: a metadata database of its
own, in SQLite; with `--check` what the import of each DAG file says, as one line of JSON; then the command behind `--`.
Works with Airflow 2 and 3; Python >= 3.8.
"""
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time

DAGS = "/opt/airflow/dags"
ENVIRONMENT = dict(os.environ)
# for this process only: no chatter, for the faults are in the answer, and no notice of 2.11 about a setting that nothing here reads
os.environ.update(AIRFLOW__LOGGING__LOGGING_LEVEL="CRITICAL", AIRFLOW__METRICS__TIMER_UNIT_CONSISTENCY="True")


def redirected(work, to, *streams):
    """What Airflow, or a DAG file at its import, prints goes elsewhere: stdout belongs to the line of JSON."""
    before = [os.dup(stream) for stream in streams]
    for stream in streams:
        os.dup2(to, stream)
    try:
        return work()
    finally:
        sys.stdout.flush()
        for stream, original in zip(streams, before):
            os.dup2(original, stream)
            os.close(original)


def make_database():
    """Says nothing unless it fails."""
    with tempfile.TemporaryFile() as said:
        try:
            redirected(init_database, said.fileno(), 1, 2)
        except BaseException:
            said.seek(0)
            sys.stderr.write(said.read().decode(errors="replace"))
            raise


def init_database():
    from airflow.utils import db

    db.initdb()


def dag_bag():
    try:
        from airflow.dag_processing.dagbag import DagBag
    except ImportError:  # before Airflow 3.1
        from airflow.models.dagbag import DagBag
    return DagBag(dag_folder=DAGS)


def check():
    started = time.monotonic()
    bag = redirected(dag_bag, 2, 1)
    print(json.dumps({
        "dags": [{"id": dag.dag_id, "file": dag.fileloc} for dag in bag.dags.values()],
        "errors": [{"file": file, "trace": trace} for file, trace in bag.import_errors.items()],
        "seconds": round(time.monotonic() - started, 2),
        "pytest": importlib.util.find_spec("pytest") is not None,
    }), flush=True)


def main(arguments):
    options, command = arguments[: arguments.index("--")], arguments[arguments.index("--") + 1 :]
    make_database()
    if "--check" in options:
        check()
    return subprocess.call(command, env=ENVIRONMENT) if command else 0


sys.exit(main(sys.argv[1:]))
