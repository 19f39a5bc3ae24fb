"""python -m gather_airflow.report: which patches of `launcher: fast` fit what is installed, as JSON. Applies nothing.

A list of {"name", "services", "fits", "differs", "saves", "in_force": true or false, "reason": why not}. The image has it as FILE from its
build; a service writes into its own container what became of its patches when it started, and then an entry has "service", too.
"""
import json
import sys

from gather_airflow.patch import package_of
from gather_airflow.patches import declared

FILE = "/opt/gather/patches.json"


def report():
    patches = []
    for patch in declared():
        package, reason = package_of(patch)
        entry = {name: getattr(patch, name) for name in ("name", "services", "fits", "differs", "saves")}
        patches.append({**entry, "in_force": not reason, "reason": "%s: %s" % (package, reason) if reason else ""})
    return patches


def keep(service, outcomes, file=FILE):
    """Writes what became of a service's patches at its start: {name: "" or why it is not in force}."""
    try:
        with open(file, "r+", encoding="utf-8") as kept:
            patches = json.load(kept)
            for patch in patches:
                if patch["name"] in outcomes:
                    reason = outcomes[patch["name"]]
                    patch.update(service=service, in_force=not reason, reason=reason)
            kept.seek(0)
            kept.write(json.dumps(patches, indent=2))
            kept.truncate()
    except (OSError, ValueError) as error:
        print("gather: %s does not tell what is in force here: %s" % (file, error), flush=True)


if __name__ == "__main__":
    json.dump(report(), sys.stdout, indent=2)
