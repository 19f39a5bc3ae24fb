#!/usr/bin/env python
"""The one-shot that prepares Airflow's database: migrates it and creates the web user, in one Python process.

Everything comes from the environment, as with the official image, and nothing secret is printed or passed as an argument:
_AIRFLOW_DB_MIGRATE, _AIRFLOW_WWW_USER_CREATE (true/false), _AIRFLOW_WWW_USER_{USERNAME,PASSWORD,FIRSTNAME,LASTNAME,EMAIL,ROLE}.
It runs at every `docker compose up`, so what is already done costs two queries and no import of Airflow: the migrations'
head is read from their files, the user and its password hash from the database; where that cannot be told, Airflow itself looks. A user that exists keeps everything but
a password that differs from the environment's. Works with Airflow 2.x and, with the FAB auth manager, 3.x; Python >= 3.8.
"""
import gc
import logging
import os
import re
import subprocess
import sys
import time
import traceback
import warnings
from importlib import metadata

from gather_airflow.migrations import is_current, stored, wanted_heads
from gather_airflow.wait import PATIENCE

NAME_WAIT = 30  # seconds for the database's host to get a name; one that is misspelt never does
ROLES_WAIT = 30  # seconds for the web server to make a role; without one (`docker compose run airflow-init`), init makes it
# What no waiting changes: a wrong password, a role or database that does not exist.
HOPELESS = re.compile(r"password authentication failed|no password supplied|does not exist|no pg_hba.conf entry|Access denied|Unknown database")
NAMELESS = re.compile(r"could not translate host name|Unknown \w* ?server host")


class Failure(Exception):
    """What a person has to read, in one line."""


def wanted(name):
    return os.environ.get(name, "").strip().lower() in ("true", "1", "yes", "on", "y", "t")


def setting(name):
    """A variable's value, or the output of the command in NAME_CMD."""
    command = os.environ.get(name + "_CMD")
    if command:
        return subprocess.check_output(command, shell=True, universal_newlines=True).rstrip("\n")
    return os.environ.get(name, "")


def user_setting(name, default=""):
    return setting("_AIRFLOW_WWW_USER_" + name) or default


def auth_manager():
    """The class of the setting; empty where nobody sets it."""
    manager = os.environ.get("AIRFLOW__CORE__AUTH_MANAGER")
    if manager is None:
        cfg = os.environ.get("AIRFLOW_CONFIG") or os.path.join(os.environ.get("AIRFLOW_HOME", "/opt/airflow"), "airflow.cfg")
        if os.path.exists(cfg):
            with open(cfg, encoding="utf-8") as file:
                manager = "".join(re.findall(r"^auth_manager\s*=\s*(.*)", file.read(), re.M))
    return manager or ""


def fab_users(manager, version):
    """Whether Flask-AppBuilder keeps the users: always in 2.x unless told otherwise, only on demand in 3.x."""
    return "fab" in manager.lower() if manager else version < 3


def connect(url):
    """A connection to the database, as soon as it takes one; Failure when waiting is no use."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError
    from sqlalchemy.pool import NullPool

    try:
        engine = create_engine(url, poolclass=NullPool)
    except (SQLAlchemyError, ImportError, ValueError) as error:
        raise Failure("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN is not usable: " + type(error).__name__)
    at = "database %s at %s:%s" % (engine.url.database, engine.url.host, engine.url.port or "default port")
    return patiently(engine.connect, DBAPIError, at, engine.url.username)


def patiently(connect, refusal, at, username):
    """What connect() gives, tried again while waiting can change why it is refused: as long as the services wait, who start beside this."""
    started = named = time.monotonic()  # named: when its host last had a name
    said = None
    while True:
        try:
            return connect()
        except refusal as error:
            reason = first_line(str(error.orig))
        if HOPELESS.search(reason):
            raise Failure("The %s refuses user %s: %s" % (at, username, reason))
        now = time.monotonic()
        if not NAMELESS.search(reason):
            named = now
        for since, limit in ((started, PATIENCE), (named, NAME_WAIT)):
            if now - since > limit:
                raise Failure("The %s cannot be reached within %g seconds: %s" % (at, limit, reason))
        if reason != said:
            print("waiting for the database: %s" % reason, flush=True)
            said = reason
        time.sleep(0.2)


def user_state(connection, username, password):
    """'absent', 'different' (another password) or 'done'."""
    rows = stored(connection, "SELECT password FROM ab_user WHERE username = :username", username=username)
    if not rows:
        return "absent"
    from werkzeug.security import check_password_hash

    return "done" if rows[0][0] and check_password_hash(rows[0][0], password) else "different"


def quiet_airflow():
    warnings.simplefilter("ignore")
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    os.environ.setdefault("USER", "airflow")  # Airflow asks for a name, and an arbitrary uid has none in /etc/passwd
    # For this process only: no chatter, no examples, and no notice of 2.11 about a setting that init never reads.
    os.environ.update(
        AIRFLOW__LOGGING__LOGGING_LEVEL="WARNING",
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__METRICS__TIMER_UNIT_CONSISTENCY="True",
        # The web server writes its permissions itself, maybe at this very moment: two that write the same get in each other's way.
        AIRFLOW__FAB__UPDATE_FAB_PERMS="False",
    )


def migrate():
    """What `airflow db migrate` does, in this process; that command where Airflow has the function no more."""
    from airflow.utils import db

    if hasattr(db, "upgradedb"):
        db.upgradedb()
    elif subprocess.call([sys.executable, "-m", "airflow", "db", "migrate"]):
        raise Failure("airflow db migrate failed: see its message above")


def find_role(manager, name):
    """None when it is not there. On a fresh database the web server makes Airflow's roles when it starts, which takes as long as this
    process needed to get here; to make them here at the same time would be one in the way of the other."""
    role = manager.find_role(name)
    if role or name not in {role["role"] for role in manager.ROLE_CONFIGS} | {manager.auth_role_admin}:
        return role
    print("Role %s: the web server is about to make it" % name, flush=True)
    deadline = time.monotonic() + ROLES_WAIT
    while not role and time.monotonic() < deadline:
        time.sleep(0.3)
        role = manager.find_role(name)
    if not role:
        manager.find_role(manager.auth_role_admin) or manager.add_role(manager.auth_role_admin)  # who gets each of the permissions
        manager.appbuilder.add_permissions(update_perms=True)
        manager.sync_roles()
        role = manager.find_role(name)
    return role


def write_user(username, password, state):
    from airflow.configuration import conf
    from airflow.version import version

    if version.startswith("3.") and not conf.has_option("fab", "config_file"):
        # 3.0 knows the settings of its providers only once they are asked for
        from airflow.providers_manager import ProvidersManager

        ProvidersManager().initialize_providers_configuration()
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    # FAB logs a failed INSERT with its values; we say ourselves what went wrong.
    logging.getLogger("airflow.providers.fab.auth_manager.security_manager.override").setLevel(logging.CRITICAL)
    with get_application_builder() as appbuilder:
        manager = appbuilder.sm
        if state == "different":
            if not manager.reset_password(manager.find_user(username=username).id, password):
                raise Failure("The password of web user %s could not be changed" % username)
            return
        name, email = user_setting("ROLE", "Admin"), user_setting("EMAIL", "airflowadmin@example.com")
        role = find_role(manager, name)
        if not role:
            raise Failure("_AIRFLOW_WWW_USER_ROLE: there is no role %s; there are %s" % (name, ", ".join(sorted(r.name for r in manager.get_all_roles()))))
        if manager.find_user(email=email):
            raise Failure("Another web user already has the email %s (_AIRFLOW_WWW_USER_EMAIL)" % email)
        if not manager.add_user(username, user_setting("FIRSTNAME", "Airflow"), user_setting("LASTNAME", "Admin"), email, role, password):
            raise Failure("Web user %s could not be created" % username)


def first_line(text):
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[0].strip() if lines else "no reason given"


def prepare():
    gc.disable()  # it ends soon: looking for garbage costs a fifth of its time
    started = time.monotonic()
    done = lambda text: print("%s (%.1f s)" % (text, time.monotonic() - started), flush=True)
    version = int(metadata.version("apache-airflow").split(".")[0])
    manager, with_user = auth_manager(), wanted("_AIRFLOW_WWW_USER_CREATE")
    fab, keycloak = fab_users(manager, version), manager.endswith(".KeycloakAuthManager")
    username, password = user_setting("USERNAME", "admin"), user_setting("PASSWORD")
    if with_user and not fab and not keycloak:
        print("Web users are not kept in the database by this auth manager: none is created")
        with_user = False
    if with_user and not password:
        raise Failure("_AIRFLOW_WWW_USER_CREATE is true, but _AIRFLOW_WWW_USER_PASSWORD is empty")
    url = setting("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN") or setting("AIRFLOW__CORE__SQL_ALCHEMY_CONN")
    if not url:
        quiet_airflow()
        from airflow import settings

        url = settings.SQL_ALCHEMY_CONN
    with connect(url) as connection:
        current = is_current(connection, fab, version)
        state = user_state(connection, username, password) if with_user and fab else "done"
    quiet_airflow()
    if wanted("_AIRFLOW_DB_MIGRATE"):
        if not current:
            migrate()
        done("The database is up to date")
    elif not current and all(wanted_heads(fab, version).values()):
        raise Failure("The database is not at the version of this Airflow, and _AIRFLOW_DB_MIGRATE is not true")
    if keycloak:
        from gather_airflow.keycloak_realm import Refused, bring_realm

        try:
            done(bring_realm(PATIENCE, (username, password) if with_user else None, user_setting("ROLE", "Admin")))
        except Refused as refused:
            raise Failure(str(refused))
    elif with_user:
        if state != "done":
            write_user(username, password, state)
        done("Web user %s: %s" % (username, {"absent": "created", "different": "password changed", "done": "there already"}[state]))


def main():
    try:
        prepare()
    except Failure as failure:
        sys.exit("init failed: %s" % failure)
    except (Exception, SystemExit) as error:
        if isinstance(error, SystemExit) and not error.code:
            return
        # Places only: values, such as the parameters of a query, may hold secrets.
        sys.stderr.write("".join(traceback.format_tb(error.__traceback__)[-4:]))
        sys.exit("init failed: %s: %s" % (type(error).__name__, first_line(str(error))))


if __name__ == "__main__":
    main()
