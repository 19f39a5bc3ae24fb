import os
import tempfile
import unittest
from unittest import mock

import places  # noqa: F401
from gather_airflow import launcher, migrations, worker_health
from gather_airflow.services import SERVICES


class Named(unittest.TestCase):
    def test_a_service_by_its_first_words(self):
        self.assertEqual(launcher.named(["scheduler"]), "scheduler")
        self.assertEqual(launcher.named(["celery", "worker", "--without-mingle"]), "celery worker")
        self.assertEqual(launcher.named(["api-server", "--proxy-headers"]), "api-server")

    def test_nothing_else_is_one(self):
        for arguments in ([], ["celery"], ["celery", "stop"], ["dags", "list"], ["tasks", "run", "scheduler"], ["scheduler", "--help"], ["webserver", "-h"]):
            with self.subTest(arguments=arguments):
                self.assertIsNone(launcher.named(arguments))

    def test_every_service_begins_as_airflow_does(self):
        for name, service in SERVICES.items():
            with self.subTest(service=name):
                self.assertEqual(service.modules(2)[:2], ("airflow.configuration", "airflow.cli.cli_parser"))

    def test_no_patch_is_looked_for_unless_asked(self):
        for value in ({}, {"GATHER_LAUNCHER": "plain"}, {"GATHER_LAUNCHER": "other"}):
            with self.subTest(environment=value), mock.patch.dict(os.environ, value, clear=True):
                with mock.patch("gather_airflow.patch.apply_those") as apply:
                    launcher.patcher("scheduler")("before the start")
                apply.assert_not_called()

    def test_the_patches_but_those_that_are_named(self):
        environment = {"GATHER_LAUNCHER": "fast", "GATHER_LAUNCHER_WITHOUT": "hooks-when-asked, logs-when-asked"}
        with mock.patch.dict(os.environ, environment), mock.patch("gather_airflow.patch.apply_those") as apply:
            launcher.patcher("webserver")("before the start")
        names = [patch.name for patch in apply.call_args[0][0]]
        self.assertIn("web-server-unwatched", names)
        self.assertNotIn("hooks-when-asked", names)

    def test_a_module_that_cannot_be_imported_is_left_to_airflow(self):
        launcher.import_early(["json", "no_such_module_of_airflow", "colorsys"])
        self.assertIn("colorsys", launcher.sys.modules)


class Heads(unittest.TestCase):
    def folder(self, **files):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for name, text in files.items():
            with open(os.path.join(folder.name, "0%s.py" % name), "w") as file:
                file.write(text)
        return folder.name

    def test_the_one_that_no_other_builds_on(self):
        folder = self.folder(
            a='revision = "aaa"\ndown_revision = None\n', b="revision: str = 'bbb'\ndown_revision = 'aaa'\n", c='revision = "ccc"\ndown_revision = "bbb"\n'
        )
        self.assertEqual(migrations.heads(folder), {"ccc"})

    def test_a_merge_of_two(self):
        folder = self.folder(
            a='revision = "aaa"\ndown_revision = None\n',
            b='revision = "bbb"\ndown_revision = None\n',
            c='revision = "ccc"\ndown_revision = ("aaa", "bbb")\n',
        )
        self.assertEqual(migrations.heads(folder), {"ccc"})

    def test_none_where_there_are_no_files(self):
        self.assertEqual(migrations.heads(self.folder()), set())

    def test_a_package_that_is_nowhere_has_no_known_heads(self):
        with mock.patch.object(migrations.sys, "path", [self.folder()]):
            self.assertEqual(migrations.wanted_heads(True, 3), {"alembic_version": set(), "alembic_version_fab": set()})
            self.assertEqual(migrations.wanted_heads(True, 2), {"alembic_version": set()})

    def test_unknown_heads_are_never_current(self):
        with mock.patch.object(migrations, "wanted_heads", lambda *_: {"alembic_version": set()}):
            self.assertFalse(migrations.is_current(None, False, 2))


class Wait(unittest.TestCase):
    def test_airflows_own_check_waits_where_gather_is_unsure(self):
        from gather_airflow import wait

        environment = {}
        with mock.patch.object(wait, "wait_by_files", side_effect=wait.Unsure("no files")), mock.patch.object(wait.os, "environ", environment):
            with mock.patch.object(wait.subprocess, "call", return_value=0) as call, mock.patch("builtins.print") as said:
                wait.wait_for_migrations()
        self.assertEqual(call.call_args[0][0][1:-1], ["-m", "airflow", "db", "check-migrations", "--migration-wait-timeout"])
        self.assertEqual(said.call_args[0][0], "gather: Airflow's own check waits for the migrations: no files")
        self.assertEqual(environment, {})

    def test_what_was_checked_is_not_checked_again_unless_asked(self):
        from gather_airflow import wait

        for before, after in ({}, "False"), ({"AIRFLOW__DATABASE__CHECK_MIGRATIONS": "True"}, "True"):
            environment = dict(before)
            with mock.patch.object(wait, "wait_by_files"), mock.patch.object(wait.os, "environ", environment):
                wait.wait_for_migrations()
            self.assertEqual(environment, {"AIRFLOW__DATABASE__CHECK_MIGRATIONS": after})


class Health(unittest.TestCase):
    TASKS = ["airflow.providers.celery.executors.celery_executor_utils.execute_command"]

    def test_the_queues_of_the_command_line(self):
        for arguments, queues in (
            (["celery", "worker"], ["default"]),
            (["celery", "worker", "-q", "a,b"], ["a", "b"]),
            (["celery", "worker", "--queues", "a", "--without-mingle"], ["a"]),
            (["celery", "worker", "--queues=a,b"], ["a", "b"]),
            (["celery", "worker", "-q"], ["default"]),
        ):
            with self.subTest(arguments=arguments):
                self.assertEqual(worker_health.queues_of(arguments, "default"), queues)

    def test_one_that_can_run_tasks(self):
        self.assertEqual(worker_health.fault("w", self.TASKS, ["default", "more"], ["default"]), "")
        self.assertEqual(worker_health.fault("w", ["execute_workload"], ["any"], []), "")

    def test_one_that_does_not_know_airflows_task(self):
        self.assertIn("does not know Airflow's Celery task", worker_health.fault("w", ["other"], ["default"], ["default"]))

    def test_one_that_does_not_consume_its_queue(self):
        self.assertEqual(worker_health.fault("w", self.TASKS, [], ["default"]), "w does not consume the queue default")
        self.assertEqual(worker_health.fault("w", self.TASKS, ["a"], ["b", "a"]), "w does not consume the queue b")
        self.assertEqual(worker_health.fault("w", self.TASKS, [], []), "w does not consume any queue")
