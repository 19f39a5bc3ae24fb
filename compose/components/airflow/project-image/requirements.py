"""requirements.py FILE [RELEASE_DATE]: installs a requirements file next to Airflow without ever moving Airflow itself.

Airflow's own packages keep their versions always; so does everything else that is installed, except what FILE names
itself. What PyPI got after RELEASE_DATE is hidden, because Airflow was never tested with it. A file that does not resolve
that way is tried again: with what came out within two months after, with anything newer, with other versions of what is
installed (providers excepted), and at last, for a file that raises a provider or what all build on, with anything but Airflow.
Python >= 3.8, standard library only, uv for the work.
"""
import datetime
import re
import subprocess
import sys
import tempfile
from importlib import metadata

AIRFLOW = ("apache-airflow", "apache-airflow-core", "apache-airflow-task-sdk")
TOOLS = ("pip", "setuptools", "wheel", "uv")  # the environment's, no part of what Airflow was tested with


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def read(file):
    """[(line number, text)] of what FILE asks for, comments and empty lines left out."""
    with open(file, encoding="utf-8-sig") as lines:
        stripped = [(number, re.sub(r"(^|\s)#.*", "", line).strip()) for number, line in enumerate(lines, 1)]
    return [(number, text) for number, text in stripped if text]


def names(lines):
    """{canonical name: (line number, text)} of the packages that the lines name."""
    found = {}
    for number, text in lines:
        match = re.match(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*($|[\[<>=!~;@ \\])", text)
        if match:
            found[canonical(match.group(1))] = (number, text.split(" --hash")[0].rstrip("\\ "))
    return found


def constraints(named, kept_too=lambda name: True):
    """The text of a constraints file that holds Airflow in place, and what else of the installed is `kept_too` and not named."""
    kept = []
    for distribution in metadata.distributions():
        name = canonical(distribution.metadata["Name"] or "")
        pinned = name and name not in TOOLS and name not in named and kept_too(name)
        if name in AIRFLOW or pinned:
            kept.append("%s==%s\n" % (name, distribution.version))
    return "".join(sorted(kept))


def install(file, pins, date):
    command = ["uv", "pip", "install", "--python", sys.executable, "-r", file]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as constraints_file:
        constraints_file.write(pins)
        constraints_file.flush()
        command += ["-c", constraints_file.name] + (["--exclude-newer", date] if date else [])
        return subprocess.run(command, stderr=subprocess.PIPE, universal_newlines=True)


def main(file, date=""):
    lines = read(file)
    if not lines:
        return
    for number, text in lines:
        if re.match(r"(-e|--editable)\b", text):
            sys.exit("%s:%d: %s: an image has no place for an editable package; put the code into plugins/ or dags/" % (file, number, text))
    named = names(lines)
    all_kept = constraints(named)
    providers_kept = constraints(named, lambda name: name.startswith("apache-airflow-providers-"))
    attempts = [("", all_kept, date)]
    if date:
        later = (datetime.date.fromisoformat(date) + datetime.timedelta(days=60)).isoformat()
        attempts.append(("does not resolve with what was released by %s: packages up to %s allowed" % (date, later), all_kept, later))
        attempts.append(("does not resolve with what was released by %s: newer packages allowed" % later, all_kept, ""))
    attempts.append(("does not resolve next to what is installed: versions may change, except Airflow's and its providers'", providers_kept, date))
    if date:
        attempts.append(("does not resolve next to Airflow's providers as they are: any version allowed, except Airflow's", constraints(named, lambda name: False), ""))
    for note, pins, newest in attempts:
        if note:
            print("%s: %s" % (file, note), flush=True)
        result = install(file, pins, newest)
        if not result.returncode:
            break
    print(result.stderr, flush=True)
    if result.returncode:
        message = canonical(result.stderr)
        guilty = ["%s (line %d)" % (line, number) for name, (number, line) in named.items() if re.search(r"(?<![a-z0-9-])%s(?![a-z0-9])" % re.escape(name), message)]
        sys.exit("%s cannot be installed next to Airflow %s: %s" % (file, metadata.version("apache-airflow"), ", ".join(guilty) or "see uv's message above"))


if __name__ == "__main__":
    main(*sys.argv[1:])
