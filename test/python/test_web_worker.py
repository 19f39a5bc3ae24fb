import gc
import importlib
import sys
import types
import unittest
from unittest import mock

import places  # noqa: F401  (where gather_airflow is)


class SyncWorker:
    def __init__(self, age, timeout):
        self.age, self.timeout = age, timeout


class WebWorker(unittest.TestCase):
    def test_no_garbage_is_looked_for_until_the_first_worker_is_made(self):
        sync = types.SimpleNamespace(SyncWorker=SyncWorker)
        modules = {"gunicorn": types.ModuleType("gunicorn"), "gunicorn.workers": types.ModuleType("gunicorn.workers"), "gunicorn.workers.sync": sync}
        self.addCleanup(gc.enable)
        self.addCleanup(gc.unfreeze)
        self.addCleanup(sys.modules.pop, "gather_airflow.web_worker", None)
        with mock.patch.dict(sys.modules, modules):
            Worker = importlib.import_module("gather_airflow.web_worker").Worker
            self.assertFalse(gc.isenabled())
            worker = Worker(1, timeout=120)
        self.assertTrue(gc.isenabled())
        self.assertGreater(gc.get_freeze_count(), 0)
        self.assertIsInstance(worker, SyncWorker)
        self.assertEqual((worker.age, worker.timeout), (1, 120))


if __name__ == "__main__":
    unittest.main()
