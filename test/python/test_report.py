import contextlib
import io
import json
import os
import tempfile
import unittest

import places  # noqa: F401
from gather_airflow import report


class Kept(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = os.path.join(folder.name, "patches.json")

    def write(self, text):
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(text)

    def keep(self, *arguments):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            report.keep(*arguments, file=self.file)
        return said.getvalue()

    def test_what_became_of_a_service_stands_over_what_the_build_said(self):
        at_build = json.loads(json.dumps(report.report()))
        self.write(json.dumps(at_build))
        first, second, *others = [patch["name"] for patch in at_build]
        self.assertEqual(self.keep("webserver", {first: "", second: "a setting asks for the watch"}), "")
        with open(self.file, encoding="utf-8") as file:
            kept = json.load(file)
        self.assertEqual(kept[0], {**at_build[0], "service": "webserver", "in_force": True, "reason": ""})
        self.assertEqual(kept[1], {**at_build[1], "service": "webserver", "in_force": False, "reason": "a setting asks for the watch"})
        self.assertEqual(kept[2:], at_build[2:])
        self.assertEqual(len(others), len(kept) - 2)

    def test_a_shorter_text_leaves_nothing_of_the_longer(self):
        self.write(json.dumps([{"name": "p", "reason": "x" * 5000}]))
        self.keep("webserver", {"p": ""})
        with open(self.file, encoding="utf-8") as file:
            self.assertEqual(json.load(file), [{"name": "p", "reason": "", "service": "webserver", "in_force": True}])

    def test_a_file_that_is_not_there_or_no_json_ends_no_service(self):
        self.assertIn("does not tell what is in force", self.keep("webserver", {}))
        self.write("[")
        self.assertIn("does not tell what is in force", self.keep("webserver", {}))


if __name__ == "__main__":
    unittest.main()
