"""A plugin: `{{ macros.working_days.previous(ds) }}` in any template is the last Monday to Friday before that day."""
from datetime import date, timedelta

from airflow.plugins_manager import AirflowPlugin


def previous(day: str) -> str:
    """The working day before `day`, both as YYYY-MM-DD; holidays are not known."""
    before = date.fromisoformat(day) - timedelta(days=1)
    while before.isoweekday() > 5:
        before -= timedelta(days=1)
    return before.isoformat()


class WorkingDays(AirflowPlugin):
    name = "working_days"
    macros = [previous]
