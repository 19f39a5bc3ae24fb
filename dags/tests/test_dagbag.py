"""
Every DAG of this folder loads, quickly, and says whose it is. Runs where Airflow is:

    gather exec airflow-scheduler python -m pytest dags/tests
"""
import os
from datetime import timedelta
from pathlib import Path

import pytest
from airflow.models import DagBag

# Airflow gives a file up after 30 s (core.dagbag_import_timeout); the scheduler reads each of them every 30 s.
PARSE_LIMIT = timedelta(seconds=5)

os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"  # Airflow's own examples are not ours to check
BAG = DagBag(dag_folder=Path(__file__).parents[1])
each_dag = pytest.mark.parametrize("dag", BAG.dags.values(), ids=BAG.dags.keys())


def test_no_file_fails():
    """A syntax error, a missing package, a cycle, an id used twice: all of them are import errors."""
    assert BAG.import_errors == {}
    assert BAG.dags


def test_tests_are_no_dags():
    assert [stat.file for stat in BAG.dagbag_stats if "/tests/" in stat.file] == []


def test_every_file_loads_quickly():
    assert {stat.file: stat.duration for stat in BAG.dagbag_stats if stat.duration > PARSE_LIMIT} == {}


@each_dag
def test_has_tasks_in_an_order(dag):
    """Sorting fails on a cycle."""
    assert dag.tasks
    assert len(list(dag.topological_sort())) >= len(dag.task_group.children)


@each_dag
def test_says_whose_it_is(dag):
    assert dag.tags, "tags make it findable"
    assert dag.doc_md or dag.description, "a reader wants to know what it is for"
    nobody = [task.task_id for task in dag.tasks if task.owner == "airflow"]
    assert nobody == [], "airflow is the default owner: set default_args['owner']"


@each_dag
def test_does_not_catch_up_by_surprise(dag):
    assert dag.catchup is False
