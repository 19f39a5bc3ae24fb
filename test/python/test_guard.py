import contextlib
import io
import types
import unittest
from unittest import mock

import places  # noqa: F401
from gather_airflow import patch
from gather_airflow.patches import declared

INSTALLED = {"apache-airflow": "2.11.2", "gunicorn": "25.1.0"}


def version(name):
    if name not in INSTALLED:
        raise patch.metadata.PackageNotFoundError(name)
    return INSTALLED[name]


def a_patch(apply, **other):
    values = {"name": "p", "when": patch.START, "services": ("scheduler",), "fits": {"gunicorn": ">=20,<26"}, "differs": "", "saves": ""}
    return patch.Patch(**{**values, "apply": apply, **other})


class Guard(unittest.TestCase):
    def setUp(self):
        self.module = types.ModuleType("library")
        self.module.one, self.module.two = "one", "two"
        patcher = mock.patch.object(patch.metadata, "version", version)
        patcher.start()
        self.addCleanup(patcher.stop)

    def try_it(self, apply, **other):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            reason = patch.refused(a_patch(apply, **other))
        return reason, said.getvalue()

    def test_one_that_fits_is_in_force_and_silent(self):
        self.assertEqual(self.try_it(lambda change: change.replace(self.module, "one", 1)), ("", ""))
        self.assertEqual(self.module.one, 1)

    def test_a_renamed_name_leaves_it_out_and_is_said(self):
        del self.module.two

        def apply(change):
            change.replace(self.module, "one", 1)
            change.replace(self.module, "two", 2)

        self.assertEqual(
            self.try_it(apply), ("gunicorn 25.1.0: library has no two", 'gather: patch "p" does not fit gunicorn 25.1.0: left out (library has no two)\n')
        )
        self.assertEqual(vars(self.module)["one"], "one")
        self.assertNotIn("two", vars(self.module))

    def test_a_replaced_package_leaves_it_out_untried(self):
        apply = mock.Mock()
        self.assertEqual(
            self.try_it(apply, fits={"gunicorn": ">=26"}),
            ("gunicorn 25.1.0: it is made for >=26", 'gather: patch "p" does not fit gunicorn 25.1.0: left out (it is made for >=26)\n'),
        )
        self.assertEqual(
            self.try_it(apply, fits={"granian": ">=1"}),
            ("granian: it is not installed", 'gather: patch "p" does not fit granian: left out (it is not installed)\n'),
        )
        apply.assert_not_called()

    def test_an_exception_in_the_middle_is_undone(self):
        def apply(change):
            change.replace(self.module, "one", 1)
            change.add(self.module, "three", 3)
            change.replace(self.module, "one", 11)
            raise KeyError("x")

        self.assertEqual(
            self.try_it(apply), ("gunicorn 25.1.0: KeyError: 'x'", "gather: patch \"p\" does not fit gunicorn 25.1.0: left out (KeyError: 'x')\n")
        )
        self.assertEqual((self.module.one, self.module.two), ("one", "two"))
        self.assertFalse(hasattr(self.module, "three"))

    def test_a_name_that_is_inherited_is_not_replaced_on_the_heir(self):
        class Parent:
            work = 1

        class Child(Parent):
            pass

        self.assertTrue(self.try_it(lambda change: change.replace(Child, "work", 2))[0])
        self.assertEqual((vars(Parent)["work"], "work" in vars(Child)), (1, False))

    def test_a_static_method_is_put_back_as_one(self):
        class Library:
            @staticmethod
            def work():
                return 1

        def apply(change):
            change.replace(Library, "work", None)
            raise ValueError

        self.try_it(apply)
        self.assertIsInstance(vars(Library)["work"], staticmethod)

    def test_only_those_of_the_service_and_the_stage_are_applied(self):
        done = []
        patches = [
            a_patch(lambda _: done.append("own"), name="own"),
            a_patch(lambda _: done.append("other"), name="other", services=("triggerer",)),
            a_patch(lambda _: done.append("early"), name="early", when=patch.IMPORTS),
        ]
        self.assertEqual(patch.apply_those(patches, "scheduler", patch.START), {"own": ""})
        self.assertEqual(done, ["own"])

    def test_one_for_the_other_line_of_airflow_is_left_out_without_a_word(self):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            self.assertEqual(patch.apply_those([a_patch(lambda _: None, fits={"apache-airflow": ">=3.3,<3.4"})], "scheduler", patch.START), {})
        self.assertEqual(said.getvalue(), "")


class Versions(unittest.TestCase):
    def test_ranges(self):
        for version_, versions, fits in (
            ("2.11.2", ">=2.10,<3", True),
            ("3.0.0", ">=2.10,<3", False),
            ("2.9.3", ">=2.10,<3", False),
            ("2.10", ">=2.10.0", True),
            ("2.10.0", "==2.10", True),
            ("2.10.4", ">=2.10,!=2.10.4", False),
            ("3.0.0rc1", "<3", False),
            ("0.136.3", ">=0.136,<0.137", True),
        ):
            with self.subTest(version=version_, versions=versions):
                self.assertIs(patch.is_within(version_, versions), fits)

    def test_a_range_in_another_language_is_an_error_and_so_a_misfit(self):
        with self.assertRaises(AttributeError):
            patch.is_within("1.0", "~=1.0")


class Declarations(unittest.TestCase):
    def test_each_says_all_of_it(self):
        for each in declared():
            with self.subTest(patch=each.name):
                self.assertRegex(each.name, r"^[a-z-]+$")
                self.assertIn(each.when, (patch.IMPORTS, patch.START))
                self.assertTrue(each.services and each.fits and each.differs and callable(each.apply))
                self.assertRegex(each.saves, r"\d+ %")
                for versions in each.fits.values():
                    patch.is_within("1.0", versions)
