"""airflow triggerer"""
from gather_airflow.fastapi_models import made_when_needed
from gather_airflow.services import Service
from gather_airflow.task_supervisor import no_waiting_for_who_has_hung_up


class Triggerer(Service):
    imports = ("airflow.cli.commands.triggerer_command", "airflow.cli.commands.local_commands.triggerer_command", "airflow.jobs.triggerer_job_runner")

    def before_imports(self):
        super().before_imports()
        made_when_needed()  # its log server is one of FastAPI's, in Airflow 3

    def before_start(self):
        no_waiting_for_who_has_hung_up()
