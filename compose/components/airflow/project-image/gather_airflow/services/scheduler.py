"""airflow scheduler"""
import importlib
import os
import re
import sys
import time

from gather_airflow.services import Service, no_log_server
from gather_airflow.task_supervisor import no_waiting_for_who_has_hung_up

# The pause of a scheduler without work, in seconds, while a task runs and for how long after: somebody is likely to look on.
QUICK_PAUSE, QUICK_FOR = 0.1, 30

# Of Airflow 2, of Airflow 3.
COMMANDS = ("airflow.cli.commands.scheduler_command", "airflow.cli.commands.local_commands.scheduler_command")


class Scheduler(Service):
    imports = (*COMMANDS, "airflow.jobs.scheduler_job_runner")

    def __init__(self):
        # "Local" where nobody says: a scheduler that runs tasks itself needs all of it
        executor = os.environ.get("AIRFLOW__CORE__EXECUTOR") or "Local"
        self.runs_tasks = bool(re.search("Local|Sequential", executor))

    def before_imports(self):
        if not self.runs_tasks:
            without_task_runner()
        super().before_imports()

    def after_imports(self):
        # a scheduler that runs no tasks imports a log server (a fifth of a second) before it sees that it needs none
        for command in COMMANDS:
            if command in sys.modules and not self.runs_tasks:
                no_log_server(sys.modules[command])

    def before_start(self):
        if self.runs_tasks:
            no_waiting_for_who_has_hung_up()
        quick_while_tasks_run()


def without_task_runner():
    """To mask a secret of the configuration Airflow 3 imports what runs a task, and asks if one runs (airflow/sdk/log.py, mask_secret):
    a third of a second for a scheduler that runs none."""
    name = "airflow.sdk.execution_time.task_runner"
    sys.modules[name] = None
    try:
        importlib.import_module("airflow")
    except ImportError:  # the project's own settings or logging need it: all anew, with it
        for module in [module for module in sys.modules if module.split(".")[0] == "airflow"]:
            del sys.modules[module]
    finally:
        sys.modules.pop(name, None)


def quick_while_tasks_run():
    """A scheduler without work sleeps for scheduler_idle_sleep_time, a second, before it looks again: QUICK_PAUSE while tasks run and
    for QUICK_FOR after. A value that was set by hand stays as it is."""
    if os.environ.get("AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME"):
        return
    from airflow.jobs.scheduler_job_runner import SchedulerJobRunner

    name = "_scheduler_idle_sleep_time"
    quick_until = time.monotonic() + QUICK_FOR

    def sleep_time(self):
        nonlocal quick_until
        executors = getattr(self, "executors", None) or self.job.executors
        if any(executor.running for executor in executors):
            quick_until = time.monotonic() + QUICK_FOR
        return min(vars(self)[name], QUICK_PAUSE) if time.monotonic() < quick_until else vars(self)[name]

    setattr(SchedulerJobRunner, name, property(sleep_time, lambda self, value: vars(self).update({name: value})))
