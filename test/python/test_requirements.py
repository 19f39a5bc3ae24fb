import os
import tempfile
import types
import unittest
from unittest import mock

from places import script

requirements = script("requirements.py")


def distribution(name, version):
    return types.SimpleNamespace(metadata={"Name": name}, version=version)


class Read(unittest.TestCase):
    def read(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as file:
            file.write(text)
        self.addCleanup(os.unlink, file.name)
        return requirements.read(file.name)

    def test_comments_and_empty_lines_are_left_out_and_lines_keep_their_numbers(self):
        self.assertEqual(self.read("# a\n\ncelery>=5 # why\n  \nx @ https://example.invalid/x#sha256=1\n"), [(3, "celery>=5"), (5, "x @ https://example.invalid/x#sha256=1")])


class Names(unittest.TestCase):
    def test_canonical_names(self):
        lines = [(1, "Celery"), (2, "Apache_Airflow.Providers_FAB>=2"), (3, "pandas[excel]==2.0"), (4, "x ; python_version < '3.9'"), (5, "y @ file:///y")]
        self.assertEqual(list(requirements.names(lines)), ["celery", "apache-airflow-providers-fab", "pandas", "x", "y"])

    def test_options_and_urls_name_nothing(self):
        self.assertEqual(requirements.names([(1, "--index-url https://example.invalid"), (2, "git+https://example.invalid/x.git"), (3, "-r other.txt")]), {})


class Constraints(unittest.TestCase):
    INSTALLED = [
        distribution("apache-airflow", "3.3.2"),
        distribution("apache_airflow_core", "3.3.2"),
        distribution("apache-airflow-providers-fab", "3.9.0"),
        distribution("celery", "5.6.3"),
        distribution("uv", "0.9"),
    ]

    def constraints(self, *named, **options):
        with mock.patch.object(requirements.metadata, "distributions", lambda: self.INSTALLED):
            return requirements.constraints(set(named), **options).split()

    def test_all_stays_but_tools(self):
        self.assertEqual(self.constraints(), ["apache-airflow-core==3.3.2", "apache-airflow-providers-fab==3.9.0", "apache-airflow==3.3.2", "celery==5.6.3"])

    def test_what_the_file_names_may_move_but_airflow(self):
        self.assertEqual(self.constraints("celery", "apache-airflow", "apache-airflow-providers-fab"), ["apache-airflow-core==3.3.2", "apache-airflow==3.3.2"])

    def test_what_else_is_kept_can_be_narrowed_to_the_providers_and_at_last_to_airflow_alone(self):
        providers = lambda name: name.startswith("apache-airflow-providers-")
        self.assertEqual(self.constraints(kept_too=providers), ["apache-airflow-core==3.3.2", "apache-airflow-providers-fab==3.9.0", "apache-airflow==3.3.2"])
        self.assertEqual(self.constraints(kept_too=lambda name: False), ["apache-airflow-core==3.3.2", "apache-airflow==3.3.2"])
