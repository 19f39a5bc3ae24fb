"""What is prepared for each service before Airflow's own command takes over; one module a service."""
import contextlib
import gc
import importlib
import sys

from gather_airflow.wait import wait_for_migrations


class Service:
    """The stages of a start, in their order. A service overrides those in which it has something to do."""

    # What the command imports anyway; a module that this version of Airflow does not have is left to the command itself.
    imports = ()
    uses_database = True

    def prepare(self):
        self.before_imports()
        self.import_early()
        self.after_imports()
        self.collect_garbage()
        if self.uses_database:
            wait_for_migrations()
        self.before_start()

    def before_imports(self):
        """Changes to modules that are imported next, or processes to be forked while this one is small."""
        without_auth_commands()

    def import_early(self):
        for module in self.imports:
            try:
                importlib.import_module(module)
            except ModuleNotFoundError as error:
                if not module.startswith(error.name or " "):
                    raise

    def after_imports(self):
        """Work that needs no database: it is done while that comes up."""

    def collect_garbage(self):
        collect_again()

    def before_start(self):
        """Changes to what was imported, once the database has the migrations of this Airflow."""


def collect_again():
    """The end of starting: what was made until now stays for ever, and is not looked through again."""
    gc.freeze()
    gc.enable()


def without_auth_commands():
    """The parser asks the auth manager for its commands: none, instead of importing Flask-AppBuilder (0.4 s) in each service."""
    try:
        from airflow.www.extensions import init_auth_manager
    except ImportError:
        return  # Airflow 3 reads them from the providers' metadata
    original = init_auth_manager.get_auth_manager_cls
    init_auth_manager.get_auth_manager_cls = lambda: type("NoCommands", (), {"get_cli_commands": staticmethod(lambda: [])})
    try:
        importlib.import_module("airflow.cli.cli_parser")
    finally:
        init_auth_manager.get_auth_manager_cls = original
        sys.modules["airflow.cli.cli_parser"].get_auth_manager_cls = original


def no_log_server(module):
    """A command that starts a log server beside itself starts none, and does not import it."""
    module._serve_logs = lambda *_: contextlib.nullcontext()
