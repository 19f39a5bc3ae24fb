"""airflow celery flower"""
from gather_airflow.services import Service


class CeleryFlower(Service):
    imports = ("airflow.providers.celery.cli.celery_command", "flower.command")
    uses_database = False
