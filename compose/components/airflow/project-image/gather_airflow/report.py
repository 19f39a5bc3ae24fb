"""python -m gather_airflow.report: which patches of `launcher: fast` fit what is installed, as JSON.

{"name", "services", "fits", "differs", "saves", "in_force": true or false, "reason": why not}, a list of them. Applies nothing."""
import json

from gather_airflow.patch import package_of
from gather_airflow.patches import declared


def report():
    patches = []
    for patch in declared():
        package, reason = package_of(patch)
        entry = {name: getattr(patch, name) for name in ("name", "services", "fits", "differs", "saves")}
        patches.append({**entry, "in_force": not reason, "reason": "%s: %s" % (package, reason) if reason else ""})
    return patches


if __name__ == "__main__":
    print(json.dumps(report(), indent=2))
