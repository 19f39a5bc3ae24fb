import os
import sys
import types
import unittest
from unittest import mock

import places  # noqa: F401
from gather_airflow import forked_connections


class Engine:
    def __init__(self):
        self.disposed = []

    def dispose(self, close=True):
        self.disposed.append(close)


class Forked(unittest.TestCase):
    def test_the_child_drops_them_unclosed_and_the_parent_keeps_them(self):
        settings = types.ModuleType("airflow.settings")
        settings.engine = Engine()
        before = dict(vars(settings))
        with mock.patch.dict(sys.modules, {"airflow.settings": settings}):
            forked_connections.forgotten_in_each_child()
            child = os.fork()
            if child == 0:
                os._exit(0 if settings.engine.disposed == [False] else 1)
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
        self.assertEqual(settings.engine.disposed, [])
        self.assertEqual(vars(settings), before)

    def test_without_airflow_nothing_happens(self):
        self.assertIsNone(forked_connections.forget_parents_connections())
