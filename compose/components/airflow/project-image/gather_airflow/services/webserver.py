"""airflow webserver, of Airflow 2. The process that would watch over gunicorn is left out: a second Airflow in memory, which
only replaces web workers that grow old."""
import os
import signal
import sys

from gather_airflow.services.web import Web


class WebServer(Web):
    imports = ("airflow.cli.commands.webserver_command", "airflow.www.app", "airflow.www.views", "gunicorn.app.wsgiapp")
    app = "airflow.www.app"

    def before_start(self):
        unchecked_description()
        unwatched()


def unchecked_description():
    """Connexion checks the description of the REST API, which comes with Airflow, against that of OpenAPI at each start (0.3 s)."""
    from connexion.spec import Specification

    Specification._validate_spec = classmethod(lambda _, spec: None)


def unwatched():
    """Airflow's watch over gunicorn stays for who asks for what only it does."""
    from airflow.configuration import conf

    if os.environ.get("AIRFLOW__WEBSERVER__WORKER_REFRESH_INTERVAL") or conf.getboolean("webserver", "reload_on_plugin_change", fallback=False):
        return
    from airflow.cli.commands import webserver_command

    webserver_command.subprocess = type("Subprocess", (), {"Popen": staticmethod(become_gunicorn)})


def become_gunicorn(arguments, **_):
    """In place of the subprocess that Airflow would start and watch: its arguments, in this process."""
    from gunicorn.app.wsgiapp import run

    from airflow.www import gunicorn_config

    # it would import every provider's hooks for the form of a connection: they are imported when that form is opened
    gunicorn_config.on_starting = lambda _: None
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.argv = ["gunicorn", *arguments[arguments.index("gunicorn") + 1 :]]
    sys.exit(run())
