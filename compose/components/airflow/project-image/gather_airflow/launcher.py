"""The `airflow` command of a stack's services; any other command goes straight to Airflow.

A service starts at once and imports what Airflow imports anyway while the database still comes up; it waits until the database has
the migrations of this Airflow, as the Helm chart's wait-for-airflow-migrations does; then Airflow's own command runs in the same
process with the same arguments. No object of another package is changed, unless GATHER_LAUNCHER is `fast` (gather_airflow.patches);
one fault of Airflow 2's own is cured all the same (gather_airflow.forked_connections).
"""
import gc
import importlib
import os
import sys
from importlib.metadata import version

from gather_airflow.services import SERVICES


def named(arguments):
    """`scheduler` of [scheduler, ...], `celery worker` of [celery, worker, ...]; None for any other command."""
    if {"-h", "--help"} & set(arguments):
        return None
    return next((name for name in (" ".join(arguments[:words]) for words in (1, 2)) if name in SERVICES), None)


def import_early(modules):
    """One that is not in this version of Airflow, or does not fit something else that is installed, is left to Airflow's own command,
    which says so itself."""
    for module in modules:
        try:
            importlib.import_module(module)
        except Exception:
            continue


def say(state):
    """Tells who looks from outside how far the service is (job-beats). Where nothing can be written, nobody is told."""
    try:
        with open(os.path.join(os.environ.get("TMPDIR", "/tmp"), "gather-launcher"), "w") as file:
            file.write(state + "\n")
    except OSError:
        pass


def patcher(name):
    """A function that applies a service's patches of one stage, and keeps what became of them; it does nothing unless GATHER_LAUNCHER is
    `fast`. Those that GATHER_LAUNCHER_WITHOUT names, separated by commas, are left out."""
    if os.environ.get("GATHER_LAUNCHER", "plain").lower() != "fast":
        return lambda stage: None
    from gather_airflow.patch import apply_those
    from gather_airflow.patches import declared
    from gather_airflow.report import keep

    without = {each.strip() for each in os.environ.get("GATHER_LAUNCHER_WITHOUT", "").split(",")}
    patches = [patch for patch in declared() if patch.name not in without]
    outcomes = {patch.name: "GATHER_LAUNCHER_WITHOUT names it" for patch in declared() if patch.name in without}

    def apply(stage):
        outcomes.update(apply_those(patches, name, stage))
        keep(name, outcomes)

    return apply


def prepare(name):
    service = SERVICES[name]
    say("imports")
    patch = patcher(name)
    # While modules are imported nearly nothing is garbage, and looking for it costs a fifth of the time.
    gc.disable()
    if service.is_worker:
        from gather_airflow.worker_health import beside_the_worker

        begins = beside_the_worker()
    patch("before the imports")
    major = int(version("apache-airflow").split(".")[0])
    import_early(service.modules(major))
    if service.is_worker:
        from gather_airflow.worker_pool import shared_with_the_pool

        shared_with_the_pool()
    # what was imported stays for ever: it is not looked through again, nor copied by a process that is forked and does
    gc.freeze()
    gc.enable()
    if service.uses_database:
        from gather_airflow.wait import wait_for_migrations

        say("waits for the database")
        wait_for_migrations()
    if service.is_worker:
        begins(sys.argv[1:])
    if name == "scheduler" and major == 2:
        from gather_airflow.forked_connections import forgotten_in_each_child

        forgotten_in_each_child()
    patch("before the start")
    say("begun")


def main():
    sys.argv[0] = "airflow"
    name = named(sys.argv[1:])
    if name:
        prepare(name)
    from airflow.__main__ import main as airflow

    return airflow()
