"""Which migrations a database has and which this Airflow wants, without importing Airflow (half a second of CPU)."""
import functools
import glob
import os
import re
import sys


@functools.lru_cache(maxsize=None)
def heads(versions):
    """The newest revisions among the Alembic files of a folder: those that no other one builds on."""
    revisions, parents = set(), set()
    for path in glob.glob(os.path.join(versions, "[0-9]*.py")):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        revisions.update(re.findall(r"""^revision(?:\s*:\s*\w+)?\s*=\s*["'](\w+)""", text, re.M))
        for line in re.findall(r"^down_revision\b.*", text, re.M):
            parents.update(re.findall(r"""["'](\w+)["']""", line))
    return revisions - parents


def installed(folder):
    """Where a folder of the airflow package lies."""
    return next((found for found in (os.path.join(entry, "airflow", folder) for entry in sys.path) if os.path.isdir(found)), "")


def stored(connection, query, **values):
    """The rows of a query, or none when its table does not exist yet."""
    from sqlalchemy import text
    from sqlalchemy.exc import OperationalError, ProgrammingError

    try:
        return connection.execute(text(query), values).fetchall()
    except (ProgrammingError, OperationalError):
        connection.execute(text("ROLLBACK"))
        return []


def is_current(connection, fab, version):
    """True when the database is where the migrations of this Airflow (and of FAB, where that keeps its own) end."""
    tables = {"alembic_version": "migrations/versions"}
    if fab and version >= 3:
        tables["alembic_version_fab"] = "providers/fab/migrations/versions"
    for table, folder in tables.items():
        revisions = {row[0] for row in stored(connection, "SELECT version_num FROM " + table)}
        if not revisions or revisions != heads(installed(folder)):
            return False
    return True
