"""Which commands of Airflow are services of a stack, and what each imports anyway: its own list, in the order in which Airflow would."""

# What every command begins with (airflow/__main__.py). The parser loads the auth manager's and the executor's commands where Airflow
# does, and with Flask-AppBuilder's its models: a scheduler that does not know them cannot end the tasks of a killed worker.
EVERY = ("airflow.configuration", "airflow.cli.cli_parser")


class Service:
    """`imports` of every version, then those of Airflow 2 and of Airflow 3 alone."""

    def __init__(self, *imports, of_2=(), of_3=(), uses_database=True, is_worker=False):
        self.imports = EVERY + imports
        self.of = {2: of_2, 3: of_3}
        self.uses_database = uses_database
        self.is_worker = is_worker

    def modules(self, major):
        return self.imports + self.of.get(major, ())


SERVICES = {
    "scheduler": Service(
        "airflow.cli.commands.scheduler_command",
        "airflow.jobs.scheduler_job_runner",
        "airflow.utils.serve_logs",
    ),
    "triggerer": Service(
        "airflow.cli.commands.triggerer_command",
        "airflow.jobs.triggerer_job_runner",
        "airflow.utils.serve_logs",
        of_3=("airflow.utils.serve_logs.log_server",),
    ),
    "dag-processor": Service(
        "airflow.cli.commands.dag_processor_command",
        "airflow.dag_processing.manager",
    ),
    # of Airflow 2: gunicorn imports all of it anew, in a process of its own
    "webserver": Service(
        "airflow.cli.commands.webserver_command",
        "airflow.www.app",
    ),
    # of Airflow 3
    "api-server": Service(
        "airflow.cli.commands.api_server_command",
        "uvicorn",
        "airflow.api_fastapi.app",
        "airflow.api_fastapi.core_api.app",
        "airflow.api_fastapi.core_api.routes.public",
        "airflow.api_fastapi.core_api.routes.ui",
        "airflow.api_fastapi.execution_api.app",
        "airflow.providers.fab.auth_manager.fab_auth_manager",
    ),
    "celery worker": Service(
        "airflow.providers.celery.cli.celery_command",
        "airflow.providers.celery.executors.celery_executor",
        "airflow.utils.serve_logs",
        "celery.bin.worker",
        "celery.concurrency.prefork",
        # what Airflow has a worker import before its pool (celery_executor_utils.py, on_celery_import_modules)
        "jinja2.ext",
        of_2=("airflow.jobs.local_task_job_runner", "airflow.macros", "airflow.operators.bash", "airflow.operators.python"),
        of_3=(
            "airflow.providers.standard.operators.bash",
            "airflow.providers.standard.operators.python",
            "airflow.utils.serve_logs.log_server",
        ),
        is_worker=True,
    ),
    "celery flower": Service(
        "airflow.providers.celery.cli.celery_command",
        "flower.command",
        uses_database=False,
    ),
}
