import contextlib
import io
import unittest
from unittest import mock

import places

init = places.script("init.py")

REFUSED = 'connection to server at "db" (172.18.0.2), port 5432 failed: Connection refused'
STARTING = "FATAL:  the database system is starting up"
NAMELESS = 'could not translate host name "bd" to address: Name or service not known'


class Refused(Exception):
    """As SQLAlchemy hands on what the driver raises."""

    def __init__(self, reason):
        super().__init__("with parameters of a query")
        self.orig = reason


class Patience(unittest.TestCase):
    def setUp(self):
        self.now = 0.0
        for name, value in {"monotonic": lambda: self.now, "sleep": self.sleep}.items():
            patcher = mock.patch.object(init.time, name, value)
            patcher.start()
            self.addCleanup(patcher.stop)

    def sleep(self, seconds):
        self.now += seconds

    def wait(self, reason_at):
        """Waits for a database that refuses with `reason_at(seconds)` until that is None; the lines that it says."""

        def connect():
            reason = reason_at(self.now)
            if reason:
                raise Refused(reason)
            return "connected"

        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            self.assertEqual(init.patiently(connect, Refused, "database d at db:5432", "somebody"), "connected")
        return said.getvalue().splitlines()

    def test_one_that_refuses_connections_is_waited_for_as_the_services_do(self):
        almost = init.PATIENCE - 1
        said = self.wait(lambda now: REFUSED if now < 60 else STARTING if now < almost else None)
        self.assertEqual(said, ["waiting for the database: " + REFUSED, "waiting for the database: " + STARTING])
        self.assertGreaterEqual(self.now, almost)

    def test_but_no_longer(self):
        with self.assertRaisesRegex(init.Failure, "^The database d at db:5432 cannot be reached within 1800 seconds: .*refused"):
            self.wait(lambda now: REFUSED)

    def test_what_no_waiting_changes_ends_at_once(self):
        with self.assertRaisesRegex(init.Failure, "refuses user somebody: FATAL:  password authentication failed"):
            self.wait(lambda now: 'FATAL:  password authentication failed for user "somebody"' if now else REFUSED)
        self.assertLess(self.now, 1)

    def test_a_host_without_a_name_may_get_one_soon_whenever_that_is(self):
        self.assertEqual(len(self.wait(lambda now: REFUSED if now < 100 else NAMELESS if now < 120 else None)), 2)
        began = self.now
        with self.assertRaisesRegex(init.Failure, "within 30 seconds: could not translate host name"):
            self.wait(lambda now: NAMELESS)
        self.assertLess(self.now - began, 31)


if __name__ == "__main__":
    unittest.main()
