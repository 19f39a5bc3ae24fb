import contextlib
import os
import pickle
import ssl
import subprocess
import tempfile
import threading
import time
import types
import unittest
from unittest import mock

import places
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
            apply.return_value = {"web-server-unwatched": ""}
            with mock.patch("gather_airflow.report.keep") as keep:
                launcher.patcher("webserver")("before the start")
        names = [patch.name for patch in apply.call_args[0][0]]
        self.assertIn("web-server-unwatched", names)
        self.assertNotIn("hooks-when-asked", names)
        without = "GATHER_LAUNCHER_WITHOUT names it"
        outcomes = {"hooks-when-asked": without, "logs-when-asked": without, "web-server-unwatched": ""}
        keep.assert_called_once_with("webserver", outcomes)

    def test_a_module_that_cannot_be_imported_is_left_to_airflow(self):
        launcher.import_early(["json", "no_such_module_of_airflow", "colorsys"])
        self.assertIn("colorsys", launcher.sys.modules)


class Said(unittest.TestCase):
    SCRIPT = os.path.join(places.IMAGE, "job-beats")

    def check(self, state):
        """(exit code, what it said, seconds) of job-beats with a python that only says how it is called."""
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "python"), "w") as file:
                file.write('#!/bin/sh\necho "python $*"\n')
            os.chmod(file.name, 0o755)
            with mock.patch.dict(os.environ, {"TMPDIR": folder, "PATH": folder + ":" + os.environ["PATH"]}):
                if state:
                    launcher.say("imports")
                    threading.Timer(0.5, launcher.say, [state]).start()
                since = time.monotonic()
                done = subprocess.run(["bash", self.SCRIPT, "AJob", "2"], capture_output=True, text=True)
                return done.returncode, done.stdout.strip(), time.monotonic() - since

    def test_the_database_is_asked_once_the_service_has_begun(self):
        code, said, seconds = self.check("begun")
        self.assertEqual((code, said), (0, "python /opt/gather/job-beats.py AJob"))
        self.assertGreater(seconds, 0.4)

    def test_and_at_once_where_no_launcher_says_anything(self):
        code, said, seconds = self.check(None)
        self.assertEqual((code, said), (0, "python /opt/gather/job-beats.py AJob"))
        self.assertLess(seconds, 5)

    def test_and_not_at_all_while_it_waits(self):
        code, said, seconds = self.check("waits for the database")
        self.assertEqual((code, said), (1, "the service waits for the database"))
        self.assertGreater(seconds, 0.9)

    def test_a_place_that_cannot_be_written_is_no_reason_to_fail(self):
        with mock.patch.dict(os.environ, {"TMPDIR": "/nowhere/at/all"}):
            launcher.say("imports")


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

    def test_the_name_of_the_command_line(self):
        host = worker_health.socket.gethostname()
        for arguments, name in (
            (["celery", "worker"], "celery@" + host),
            (["celery", "worker", "-H", "left"], "celery@left"),
            (["celery", "worker", "--celery-hostname=w@right"], "w@right"),
        ):
            with self.subTest(arguments=arguments):
                self.assertEqual(worker_health.name_of(arguments), name)


class Conf:
    """Airflow's configuration, as far as it is asked: options by section and name."""

    def __init__(self, options):
        self.options = options

    def has_option(self, section, name):
        return (section, name) in self.options

    def get(self, section, name):
        return self.options[section, name]

    getimport = get


class Settings(unittest.TestCase):
    def airflow(self, configuration, own=None):
        """Airflow's modules, by their names."""
        conf = Conf({("operators", "default_queue"): "line"})
        if own is not None:
            conf.options[("celery", "celery_config_options")] = own
        utils = types.SimpleNamespace(conf=conf)
        modules = {
            "airflow.configuration": types.SimpleNamespace(conf=conf),
            "airflow.providers.celery.executors.default_celery": types.SimpleNamespace(DEFAULT_CELERY_CONFIG=configuration),
            "airflow.providers.celery.executors.celery_executor_utils": utils,
            "airflow.providers.celery.executors": types.SimpleNamespace(celery_executor_utils=utils, __path__=[]),
        }
        for name in ("airflow", "airflow.providers", "airflow.providers.celery"):
            modules[name] = types.SimpleNamespace(__path__=[])
        patched = mock.patch.dict(worker_health.sys.modules, modules)
        patched.start()
        self.addCleanup(patched.stop)

    CONFIGURATION = {
        "broker_url": "rediss://:secret@broker:6379/0",
        "broker_transport_options": {"global_keyprefix": "af-", "visibility_timeout": 86400},
        "broker_use_ssl": {"ssl_keyfile": "/k", "ssl_cert_reqs": ssl.CERT_REQUIRED},
        "accept_content": ["json"],
        "worker_enable_remote_control": True,
        "result_backend": "db+postgresql://a:b@c/d",
        "database_engine_options": {"on_connect": lambda: None},
        "task_acks_late": True,
    }

    def test_what_airflow_hands_to_celery_as_far_as_it_takes_to_ask(self):
        self.airflow(self.CONFIGURATION)
        name, queues, configuration = worker_health.settings(["celery", "worker", "-H", "left"])
        self.assertEqual((name, queues), ("celery@left", ["line"]))
        wanted = ("broker_url", "broker_transport_options", "broker_use_ssl", "accept_content", "worker_enable_remote_control")
        self.assertEqual(configuration, {key: self.CONFIGURATION[key] for key in wanted})
        self.assertEqual(pickle.loads(pickle.dumps(configuration)), configuration)

    def test_a_configuration_of_ones_own(self):
        self.airflow({}, own={"broker_url": ["amqp://a", "amqp://b"], "BROKER_USE_SSL": True, "control_exchange": "mine"})
        self.assertEqual(worker_health.settings([])[2], {"broker_url": ["amqp://a", "amqp://b"], "BROKER_USE_SSL": True, "control_exchange": "mine"})

    def test_celery_is_asked_with_it(self):
        made = []

        class Celery:
            def __init__(self, name, **options):
                made.append(options)
                self.control = types.SimpleNamespace(inspect=lambda *_, **__: types.SimpleNamespace(registered=lambda: {}))

            def connection_for_write(self):
                return contextlib.nullcontext()

        celery = mock.patch.dict(worker_health.sys.modules, {"celery": types.SimpleNamespace(Celery=Celery)})
        with celery, mock.patch.object(worker_health, "PATIENCE", 0), mock.patch.object(worker_health.signal, "alarm"):
            worker = worker_health.Worker("celery@left", ["line"], {"broker_url": "redis://", "broker_use_ssl": {"a": 1}})
            self.assertEqual(worker.able(True, 1), [])
            silent = worker_health.Worker("celery@left", ["line"], {"worker_enable_remote_control": False})
            self.assertEqual(silent.able(True, 2), ["celery@left", "celery@left"])
        self.assertEqual(made, [{"config_source": {"broker_url": "redis://", "broker_use_ssl": {"a": 1}, "broker_connection_timeout": 0}, "set_as_current": False}])

    def begun(self):
        """What the process beside the worker is told, once the worker begins; in place of a server it writes what it got."""
        read, write = os.pipe()
        modules = {"celery": types.SimpleNamespace(__path__=[]), "celery.app": types.SimpleNamespace(__path__=[]), "celery.app.control": types.SimpleNamespace()}

        class Server:
            def __init__(self, worker):
                os.write(write, repr((worker.name, worker.queues, worker.configuration)).encode())

            def serve_forever(self):
                os.close(write)

        with mock.patch.dict(worker_health.sys.modules, modules), mock.patch.object(worker_health, "Server", Server):
            worker_health.beside_the_worker()(["celery", "worker"])
        os.close(write)
        with os.fdopen(read) as pipe:
            return pipe.read()

    def test_the_process_beside_the_worker_gets_it_whole(self):
        self.airflow(self.CONFIGURATION)
        said = self.begun()
        self.assertIn("['line']", said)
        self.assertIn("'ssl_cert_reqs': <VerifyMode.CERT_REQUIRED: 2>", said)
        self.assertNotIn("postgresql", said)

    def test_a_configuration_that_cannot_be_read_is_left_to_airflow(self):
        self.airflow({"broker_url": lambda: None})
        with mock.patch("traceback.print_exc") as told:
            self.assertEqual(self.begun(), "")
        told.assert_called_once_with()
