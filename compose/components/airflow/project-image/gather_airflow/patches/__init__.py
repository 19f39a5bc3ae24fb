"""The patches of `launcher: fast`, a file each, which declares its one as PATCH. docs/launcher.md says what they are for."""
import importlib

NAMES = ("webserver_unwatched", "hooks_when_asked", "logs_when_asked", "validators_when_needed")


def declared():
    """All of them, in the order in which they are applied."""
    return [importlib.import_module("gather_airflow.patches." + name).PATCH for name in NAMES]
