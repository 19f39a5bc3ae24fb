"""The wait for the database and its migrations."""
import os
import sys
import time

PATIENCE = float(os.environ.get("GATHER_MIGRATIONS_WAIT") or 1800)  # seconds; the health check says sooner that something is wrong
AGAIN = 0.15  # seconds until it is looked at again


def wait_for_migrations():
    """Returns once the database has the migrations of this Airflow; ends the process after PATIENCE."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import NullPool

    from airflow.configuration import conf
    from airflow.version import version
    from gather_airflow.migrations import is_current

    major = int(version.split(".")[0])
    fab = "fab" in conf.get("core", "auth_manager").lower()
    engine = create_engine(conf.get("database", "sql_alchemy_conn"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    said, started = None, time.monotonic()

    def wait(problem):
        nonlocal said
        if problem != said:
            print("waiting for the database: %s" % problem, flush=True)
            said = problem
        if time.monotonic() - started > PATIENCE:
            sys.exit("gave up on the database after %g seconds: %s" % (PATIENCE, problem))
        time.sleep(AGAIN)

    while True:
        try:
            with engine.connect() as connection:
                while not is_current(connection, fab, major):
                    wait("it does not have the migrations of Airflow %s yet" % version)
            break
        except DBAPIError as error:
            wait((str(error.orig).strip().splitlines() or ["no reason given"])[0])
    # checked: Airflow need not load Alembic to do it again
    os.environ.setdefault("AIRFLOW__DATABASE__CHECK_MIGRATIONS", "False")
