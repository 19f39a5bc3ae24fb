"""Runs s3-dags.py against an S3 server that has keys which a real one of these days refuses or a folder cannot have.

Prints {"files": {path: text}, "log": [line], "exit": code, "seconds": from SIGTERM to the end} as JSON.
"""
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, unquote, urlsplit

PREFIX = "dags/"
OBJECTS = {PREFIX + key: "text of " + key for key in json.load(sys.stdin)}
MARKERS = {PREFIX: "", PREFIX + "folder/": ""}
fail = False


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urlsplit(self.path)
        if "list-type" in parse_qs(url.query, keep_blank_values=True):
            self.answer(503, b"") if fail else self.answer(200, listing())
        else:
            text = OBJECTS.get(unquote(url.path)[len("/bucket/") :])
            self.answer(200 if text is not None else 404, (text or "").encode())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def listing():
    entry = "<Contents><Key>%s</Key><ETag>&quot;%s&quot;</ETag><Size>%d</Size></Contents>"
    entries = [entry % (quote(key), hashlib.md5(text.encode()).hexdigest(), len(text.encode())) for key, text in {**OBJECTS, **MARKERS}.items()]
    head = "<IsTruncated>false</IsTruncated><EncodingType>url</EncodingType>"
    return ("<ListBucketResult>" + head + "".join(entries) + "</ListBucketResult>").encode()


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
parent = tempfile.mkdtemp()
folder = os.path.join(parent, "dags")
os.mkdir(folder)
settings = {
    "S3_ENDPOINT": "http://127.0.0.1:%d" % server.server_port,
    "S3_DAGS_FOLDER": folder,
    "S3_DAGS_BUCKET": "bucket",
    "S3_DAGS_PREFIX": PREFIX,
    "S3_DAGS_PERIOD": "0.1",
    "AWS_DEFAULT_REGION": "eu-north-1",
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
}
process = subprocess.Popen([sys.executable, "/opt/gather/s3-dags.py"], env={**os.environ, **settings}, stdout=subprocess.PIPE, text=True)
lines = []
reader = threading.Thread(target=lambda: lines.extend(process.stdout))
reader.start()
time.sleep(3)
fail = True
time.sleep(1)
fail = False
time.sleep(1)
files = {}
for path, _, names in os.walk(parent):
    for full in (os.path.join(path, name) for name in names if path != os.path.join(folder, ".s3-dags")):
        with open(full, encoding="utf-8") as file:
            files[os.path.relpath(full, folder)] = file.read()
started = time.monotonic()
process.send_signal(signal.SIGTERM)
code = process.wait()
seconds = time.monotonic() - started
reader.join()
print(json.dumps({"files": files, "log": [line.rstrip("\n") for line in lines], "exit": code, "seconds": seconds}))
