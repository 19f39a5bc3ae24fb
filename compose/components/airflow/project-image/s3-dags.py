#!/usr/bin/env python
"""Keeps a folder in step with a prefix of a bucket: what is there is here, and nothing else. Airflow is not imported.

s3-dags.py          asks for the listing every S3_DAGS_PERIOD seconds, until SIGTERM
s3-dags.py --check  exit 0 when the folder was in step within 30 seconds, else 1 with how long ago; asks for 4 seconds first

S3_DAGS_FOLDER    the folder, which belongs to this program alone
S3_DAGS_BUCKET, S3_DAGS_PREFIX    what it shows (an empty prefix: the whole bucket)
S3_DAGS_PERIOD    seconds from one listing to the next (1)
S3_ENDPOINT (empty: AWS itself), AWS_DEFAULT_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY

A file is written in HIDDEN, on the same volume, and renamed to where it belongs: nobody sees half of one. While the server
does not answer, everything stays. HIDDEN also keeps what each file was made from (STATE), so that a restart fetches nothing
again, and a file that somebody changed here is repaired. Python >= 3.8.
"""
import json
import os
import shutil
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

FOLDER = os.environ.get("S3_DAGS_FOLDER", "/dags")
HIDDEN = ".s3-dags"
STATE = os.path.join(FOLDER, HIDDEN, "state.json")  # path -> [etag, size, mtime in ns]
STATUS = "/tmp/s3-dags.json"  # {"time": of the last success, "files", "bytes", "skipped", "problem"}
THREADS = 8
CHUNK = 1 << 20  # bytes
FRESH = 30  # seconds


def say(text):
    print(text, flush=True)


def quoted(path):
    return json.dumps(path, ensure_ascii=False)


class Bucket:
    """The objects below a prefix. Its methods throw what botocore throws."""

    def __init__(self, name, prefix):
        import botocore.session
        from botocore.config import Config

        self.name = name
        prefix = prefix.strip("/")
        self.prefix = prefix + "/" if prefix else ""
        # one attempt: the next listing is the next one
        config = Config(connect_timeout=3, read_timeout=10, max_pool_connections=THREADS, retries={"total_max_attempts": 1})
        self.client = botocore.session.get_session().create_client("s3", endpoint_url=os.environ.get("S3_ENDPOINT") or None, config=config)

    def __str__(self):
        return "s3://%s/%s" % (self.name, self.prefix)

    def objects(self):
        """{path below the prefix: (etag, size)}"""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=self.prefix)
        return {one["Key"][len(self.prefix) :]: (one["ETag"], one["Size"]) for page in pages for one in page.get("Contents", [])}

    def fetch(self, path, etag, file):
        """Writes one object, if it still is the one that was listed. Returns its size."""
        body = self.client.get_object(Bucket=self.name, Key=self.prefix + path, IfMatch=etag)["Body"]
        size = 0
        for chunk in iter(lambda: body.read(CHUNK), b""):
            size += file.write(chunk)
        return size


def why_not(path):
    """Why an object of this name cannot be a file below the folder, or None."""
    parts = path.split("/")
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in path):
        return "there is a control character in its name"
    if any(part in ("", ".", "..") for part in parts):
        return "its name is no path below a folder"
    if parts[0] == HIDDEN:
        return "the name is taken by s3-dags itself"
    if max(len(part.encode("utf-8", "replace")) for part in parts) > 255 or len(os.path.join(FOLDER, path).encode("utf-8", "replace")) > 4095:
        return "its name is too long for a file"
    return None


def choose(objects):
    """Of the listing what can be files: ({path: (etag, size)}, {path: why not})."""
    # an empty one with a slash at its end is how consoles draw a folder
    named = {path: seen for path, seen in objects.items() if not (seen[1] == 0 and (path == "" or path.endswith("/")))}
    skipped = {path: why_not(path) for path in named}
    wanted = {path: seen for path, seen in named.items() if skipped[path] is None}
    folders = {parent for path in wanted for parent in parents(path)}
    for path in folders & set(wanted):
        skipped[path] = "other objects need a folder of its name"
        del wanted[path]
    return wanted, {path: why for path, why in skipped.items() if why}


def parents(path):
    """a/b/c -> a/b, a"""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def present():
    """What is in the folder: ({path: (size, mtime in ns)} of files, set of folders); links count as files."""
    files, folders, left = {}, set(), [""]
    while left:
        for entry in os.scandir(os.path.join(FOLDER, left.pop())):
            path = os.path.relpath(entry.path, FOLDER)
            if path == HIDDEN:
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.add(path)
                left.append(path)
            else:
                stat = entry.stat(follow_symlinks=False)
                files[path] = (stat.st_size, stat.st_mtime_ns)
    return files, folders


def remove(path):
    """A file, a link, or a folder with all that is in it; what is not there is no error."""
    full = os.path.join(FOLDER, path)
    if os.path.isdir(full) and not os.path.islink(full):
        shutil.rmtree(full)
    elif os.path.lexists(full):
        os.unlink(full)


def read(file, default):
    try:
        with open(file, encoding="utf-8") as opened:
            return json.load(opened)
    except (OSError, ValueError):
        return default


def write(file, value):
    with open(file + ".new", "w", encoding="utf-8") as opened:
        json.dump(value, opened)
    os.replace(file + ".new", file)


class Mirror:
    def __init__(self, bucket):
        self.bucket = bucket
        self.pool = ThreadPoolExecutor(THREADS)
        self.warned = {}
        hidden = os.path.join(FOLDER, HIDDEN)
        os.makedirs(hidden, mode=0o700, exist_ok=True)
        for name in os.listdir(hidden):
            if name.startswith("new-"):
                os.unlink(os.path.join(hidden, name))
        # Airflow looks into hidden folders, too: everything, as a regular expression and as a glob
        with open(os.path.join(hidden, ".airflowignore"), "w") as file:
            file.write("[^/]*\n")
        self.state = read(STATE, {})

    def follow(self):
        """One round. Returns {"files", "bytes", "skipped"}; throws when the listing fails, or when some file cannot be had."""
        wanted, skipped = choose(self.bucket.objects())
        self.warn(skipped)
        files, folders = present()
        needed = {parent for path in wanted for parent in parents(path)}
        for path in (needed & set(files)) | (folders & set(wanted)):
            remove(path)
        due = [path for path, seen in wanted.items() if not self.is_right(path, seen, files.get(path))]
        made = dict(zip(due, self.pool.map(lambda path: self.place(path, *wanted[path]), due)))
        # last: what was renamed is never missing
        surplus = set(files) - set(wanted)
        for path in surplus | (folders - needed):
            remove(path)
        done = {path: entry for path, entry in made.items() if isinstance(entry, list)}
        state = {path: entry for path, entry in {**self.state, **done}.items() if path in wanted}
        if state != self.state:
            self.state = state
            write(STATE, state)
        tell("added", [path for path in done if path not in files])
        tell("changed", [path for path in done if path in files])
        tell("removed", surplus)
        failed = [path for path in due if path not in done]
        if failed:
            raise OSError("%d of %d files cannot be had, the first is %s: %s" % (len(failed), len(wanted), quoted(failed[0]), made[failed[0]]))
        return {"files": len(wanted), "bytes": sum(size for _, size in wanted.values()), "skipped": len(skipped)}

    def is_right(self, path, seen, there):
        known = self.state.get(path)
        return known is not None and (known[0], known[1]) == seen and (known[1], known[2]) == there

    def place(self, path, etag, size):
        """Fetches one object and puts it where it belongs in one step. Returns its entry in STATE, or the error."""
        staged = os.path.join(FOLDER, HIDDEN, "new-%d" % threading.get_ident())
        target = os.path.join(FOLDER, path)
        try:
            with open(staged, "wb") as file:
                fetched = self.bucket.fetch(path, etag, file)
            if fetched != size:
                raise OSError("%d of %d bytes came" % (fetched, size))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            # Airflow reads a file again when it is newer than its last look, which may have been during the download
            os.utime(staged)
            os.replace(staged, target)
            return [etag, size, os.stat(target).st_mtime_ns]
        except Exception as error:
            return error

    def warn(self, skipped):
        for path, why in skipped.items():
            if self.warned.get(path) != why:
                say("WARNING: %s is left out: %s" % (quoted(self.bucket.prefix + path), why))
        self.warned = skipped


def tell(what, paths):
    if paths:
        names = sorted(paths)
        say("%s: %s%s" % (what, ", ".join(map(quoted, names[:5])), " and %d more" % (len(names) - 5) if len(names) > 5 else ""))


def follow(mirror, period):
    """Round after round, for ever."""
    status, failures = {}, 0
    while True:
        started = time.monotonic()
        try:
            counts = mirror.follow()
            if failures > 1 or "time" not in status:
                say("in step with %s: %d files" % (mirror.bucket, counts["files"]))
            status, failures = {"time": time.time(), **counts}, 0
        except Exception as error:
            status["problem"] = str(error) or type(error).__name__
            failures += 1
            # an object that is replaced while it is fetched is there in the next round
            if failures == 2:
                say("%s cannot be followed, the files stay as they are: %s" % (mirror.bucket, status["problem"]))
        write(STATUS, status)
        time.sleep(max(0.0, period - (time.monotonic() - started)))


def why_stale():
    """None when the folder was in step a short while ago, else a text."""
    status = read(STATUS, {})
    problem = ": " + status["problem"] if "problem" in status else ""
    if "time" not in status:
        return "the files have not come yet" + problem
    age = time.time() - status["time"]
    return "in step %d s ago%s" % (age, problem) if age > FRESH else None


def check():
    """A check that waits is cheaper than one that the engine makes again and again."""
    deadline = time.monotonic() + 4
    while why_stale() and time.monotonic() < deadline:
        time.sleep(0.2)
    sys.exit(why_stale())


def main():
    if sys.argv[1:] == ["--check"]:
        check()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    os.umask(0o022)
    bucket = Bucket(os.environ["S3_DAGS_BUCKET"], os.environ.get("S3_DAGS_PREFIX", ""))
    follow(Mirror(bucket), float(os.environ.get("S3_DAGS_PERIOD") or 1))


if __name__ == "__main__":
    main()
