"""Which migrations a database has and which this Airflow wants, without importing Airflow (half a second of CPU)."""
import functools
import glob
import os
import re
import sys

# Alembic's table of Airflow's own revisions, and of those that Flask-AppBuilder's provider keeps in Airflow 3; the files of each.
CORE = {"alembic_version": "migrations/versions"}
FAB = {"alembic_version_fab": "providers/fab/migrations/versions"}


@functools.lru_cache(maxsize=None)
def heads(versions):
    """The newest revisions among the Alembic files of a folder: those that no other one builds on. Empty when there are none."""
    revisions, parents = set(), set()
    for path in glob.glob(os.path.join(versions, "[0-9]*.py")):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        revisions.update(re.findall(r"""^revision(?:\s*:\s*\w+)?\s*=\s*["'](\w+)""", text, re.M))
        for line in re.findall(r"^down_revision\b.*", text, re.M):
            parents.update(re.findall(r"""["'](\w+)["']""", line))
    return revisions - parents


def installed(folder):
    """Where a folder of the airflow package lies; empty when it is nowhere."""
    return next((found for found in (os.path.join(entry, "airflow", folder) for entry in sys.path) if os.path.isdir(found)), "")


def wanted_heads(fab, version):
    """{Alembic's table: its newest revisions} of the installed Airflow; an empty set where its files are not as they are known to be."""
    tables = {**CORE, **FAB} if fab and version >= 3 else CORE
    return {table: heads(found) if (found := installed(folder)) else set() for table, folder in tables.items()}


def stored(connection, query, **values):
    """The rows of a query, or none when its table does not exist yet."""
    from sqlalchemy import text
    from sqlalchemy.exc import OperationalError, ProgrammingError

    try:
        return connection.execute(text(query), values).fetchall()
    except (ProgrammingError, OperationalError):
        connection.execute(text("ROLLBACK"))
        return []


def revisions(connection, table):
    """The revisions that a database has by one of Alembic's tables; none when that does not exist yet."""
    return {row[0] for row in stored(connection, "SELECT version_num FROM " + table)}


def is_current(connection, fab, version):
    """True when the database is where the migrations of this Airflow end; False, too, when that cannot be told."""
    wanted = wanted_heads(fab, version)
    return all(wanted.values()) and all(revisions(connection, table) == newest for table, newest in wanted.items())
