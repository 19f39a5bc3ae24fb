"""The wait for the database and its migrations."""
import os
import subprocess
import sys
import time

PATIENCE = float(os.environ.get("GATHER_MIGRATIONS_WAIT") or 1800)  # seconds, airflow-init's too; the health check says sooner that something is wrong
AGAIN = 0.15  # seconds until it is looked at again
DOUBT = 30  # seconds after which a database that has other migrations is Airflow's own to judge


class Unsure(Exception):
    """Why it cannot be told here whether the database has the migrations of this Airflow."""


def wait_for_migrations():
    """Returns once the database has the migrations of this Airflow; ends the process after PATIENCE."""
    started = time.monotonic()
    try:
        wait_by_files(started)
    except Unsure as why:
        print("gather: Airflow's own check waits for the migrations: %s" % why, flush=True)
        wait_by_airflow(PATIENCE - (time.monotonic() - started))
    else:
        # checked: Airflow need not load Alembic to do it again
        os.environ.setdefault("AIRFLOW__DATABASE__CHECK_MIGRATIONS", "False")


def wait_by_files(started):
    """Compares the database's revisions with the names in Airflow's migration files, which costs nothing; Unsure when that is no answer."""
    from airflow.configuration import conf
    from airflow.version import version
    from gather_airflow.migrations import revisions, wanted_heads
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import NullPool

    fab = "fab" in conf.get("core", "auth_manager").lower()
    wanted = wanted_heads(fab, int(version.split(".")[0]))
    if not all(wanted.values()):
        raise Unsure("no migration files are found where those of Airflow %s lie" % version)
    engine = create_engine(conf.get("database", "sql_alchemy_conn"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    said = doubted_since = None
    while True:
        try:
            with engine.connect() as connection:
                found = {table: revisions(connection, table) for table in wanted}
            if found == wanted:
                return
            problem = "it does not have the migrations of Airflow %s yet" % version
            doubted_since = doubted_since or time.monotonic()
            if all(found.values()) and time.monotonic() - doubted_since > DOUBT:
                raise Unsure("the database has had others for %g seconds" % DOUBT)
        except DBAPIError as error:
            doubted_since = None
            problem = (str(error.orig).strip().splitlines() or ["no reason given"])[0]
        if problem != said:
            print("waiting for the database: %s" % problem, flush=True)
            said = problem
        if time.monotonic() - started > PATIENCE:
            sys.exit("gave up on the database after %g seconds: %s" % (PATIENCE, problem))
        time.sleep(AGAIN)


def wait_by_airflow(seconds):
    """`airflow db check-migrations`, in a process of its own, again while the database does not answer."""
    deadline = time.monotonic() + seconds
    while True:
        left = max(1, int(deadline - time.monotonic()))
        status = subprocess.call([sys.executable, "-m", "airflow", "db", "check-migrations", "--migration-wait-timeout", str(left)])
        if status == 0:
            return
        if time.monotonic() > deadline:
            sys.exit("gave up on the database after %g seconds: airflow db check-migrations ended with %d" % (PATIENCE, status))
        time.sleep(1)
