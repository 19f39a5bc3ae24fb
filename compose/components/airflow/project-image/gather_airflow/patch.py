"""What a patch is, and the guard that applies it: one that does not fit steps aside and says so, it never takes a service down."""
import re
from collections import namedtuple
from importlib import metadata

IMPORTS, START = "before the imports", "before the start"

# name: what a person calls it. when: IMPORTS or START. services: names of gather_airflow.services. fits: {distribution: versions, as in a
# requirement}. differs: one sentence. saves: measured, alone. apply: a function of a Change, by which alone it changes anything.
Patch = namedtuple("Patch", "name when services fits differs saves apply")


class Misfit(Exception):
    """Why a patch does not fit what is installed."""


def numbers(version):
    """(2, 11, 2) of 2.11.2, also of 2.11.2rc1."""
    return tuple(int(part) for part in re.match(r"\d+(?:\.\d+)*", version).group().split("."))


def is_within(version, versions):
    """Whether a version is in a range such as `>=2.10,<3,!=2.10.4`."""
    tests = {">=": lambda a, b: a >= b, "<": lambda a, b: a < b, "!=": lambda a, b: a != b, "==": lambda a, b: a == b}
    has = numbers(version)
    for each in versions.split(","):
        sign, wanted = re.match(r"\s*(>=|<|!=|==)\s*(\S+)", each).groups()
        wanted = numbers(wanted)
        length = max(len(has), len(wanted))
        if not tests[sign](has + (0,) * (length - len(has)), wanted + (0,) * (length - len(wanted))):
            return False
    return True


def package_of(patch):
    """`PACKAGE VERSION` that decides on a patch, and why it does not fit; an empty reason when it does."""
    for name, versions in patch.fits.items():
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            return name, "it is not installed"
        if not is_within(version, versions):
            return "%s %s" % (name, version), "it is made for %s" % versions
    return "%s %s" % (name, version), ""


class Change:
    """The only way in which a patch changes something; it can be undone."""

    def __init__(self):
        self.undone_by = []

    def replace(self, owner, name, value):
        """An attribute that has to be there: the original is returned."""
        if name not in vars(owner):
            raise Misfit("%s has no %s" % (getattr(owner, "__name__", owner), name))
        original = vars(owner)[name]
        self.undone_by.append(lambda: setattr(owner, name, original))
        setattr(owner, name, value)
        return original

    def add(self, owner, name, value):
        """An attribute that must not be there."""
        if name in vars(owner):
            raise Misfit("%s has a %s already" % (getattr(owner, "__name__", owner), name))
        self.undone_by.append(lambda: delattr(owner, name))
        setattr(owner, name, value)

    def undo(self):
        while self.undone_by:
            self.undone_by.pop()()


def refused(patch):
    """Applies it; empty when it is in force now, else why it is not, and then nothing is changed and a line says so."""
    change, package, reason = Change(), "unknown packages", ""
    try:
        package, reason = package_of(patch)
        if not reason:
            patch.apply(change)
    except Exception as error:
        reason = str(error) if isinstance(error, Misfit) else "%s: %s" % (type(error).__name__, error)
    if reason:
        change.undo()
        print('gather: patch "%s" does not fit %s: left out (%s)' % (patch.name, package, reason), flush=True)
    return reason and "%s: %s" % (package, reason)


def apply_those(patches, service, when):
    """Applies a service's; {name: "" or why it is not in force}. One for another line of Airflow is none of this service's."""
    return {patch.name: refused(patch) for patch in patches if service in patch.services and patch.when == when and concerns(patch)}


def concerns(patch):
    """False for one that is made for another line of Airflow than the installed: that it is left out is no news."""
    versions = patch.fits.get("apache-airflow")
    if not versions:
        return True
    try:
        major = numbers(metadata.version("apache-airflow"))[0]
    except metadata.PackageNotFoundError:
        return True
    low = re.search(r">=\s*(\d+)", versions)
    return not low or int(low.group(1)) == major
