"""
Rules for every DAG of this stack (cluster policies); Airflow imports this file at start, so `gather restart` after a change.
https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/cluster-policies.html
"""
from datetime import timedelta

LONGEST = timedelta(days=1)


def task_policy(task):
    """A task without a limit of its own gets one, so that none holds a worker for ever. Sensors have their own timeout."""
    if task.execution_timeout is None and not hasattr(task, "poke_interval"):
        task.execution_timeout = LONGEST
