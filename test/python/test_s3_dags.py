import unittest

from places import script

s3_dags = script("s3-dags.py")
FILE = ("etag", 1)


class WhyNot(unittest.TestCase):
    def test_paths_below_a_folder(self):
        for path in ("a.py", "a/b.py", "a b/ü.py", ".airflowignore", "..a/b"):
            with self.subTest(path=path):
                self.assertIsNone(s3_dags.why_not(path))

    def test_all_others(self):
        for path, why in (
            ("../a.py", "its name is no path below a folder"),
            ("a//b.py", "its name is no path below a folder"),
            ("/a.py", "its name is no path below a folder"),
            ("a/", "its name is no path below a folder"),
            ("a\nb", "there is a control character in its name"),
            (".s3-dags/state.json", "the name is taken by s3-dags itself"),
            ("ü" * 128, "its name is too long for a file"),
            ("a/" * 2100 + "b", "its name is too long for a file"),
        ):
            with self.subTest(path=path[:20]):
                self.assertEqual(s3_dags.why_not(path), why)


class Choose(unittest.TestCase):
    def test_a_drawn_folder_is_no_file_and_no_fault(self):
        self.assertEqual(s3_dags.choose({"": ("e", 0), "a/": ("e", 0), "a/b.py": FILE}), ({"a/b.py": FILE}, {}))

    def test_a_file_where_others_need_a_folder(self):
        self.assertEqual(s3_dags.choose({"a": FILE, "a/b/c.py": FILE}), ({"a/b/c.py": FILE}, {"a": "other objects need a folder of its name"}))

    def test_what_is_left_out_needs_no_folder(self):
        self.assertEqual(s3_dags.choose({"a": FILE, "a/../b": FILE}), ({"a": FILE}, {"a/../b": "its name is no path below a folder"}))
