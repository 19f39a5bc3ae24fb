"""airflow dag-processor"""
from gather_airflow.fastapi_models import made_when_needed
from gather_airflow.services import Service


class DagProcessor(Service):
    imports = ("airflow.cli.commands.dag_processor_command", "airflow.cli.commands.local_commands.dag_processor_command", "airflow.dag_processing.manager")

    def before_imports(self):
        super().before_imports()
        made_when_needed()  # in Airflow 3 it has the API that its DAGs may ask
