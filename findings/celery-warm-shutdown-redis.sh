#!/usr/bin/env bash
# celery 5.6.2 with kombu 5.6.2 on Redis: a worker that ends warmly still takes one task, and keeps it until its last task has ended.
#
# A good guess: once a worker has said "Warm shutdown" it takes nothing more, and what is sent from then on is the other workers'. Seen:
# its BRPOP (of up to a second, kombu's brpop_timeout) is under way at that moment; the first message of that second goes to it, is
# neither run nor given back, and comes to another worker only when the leaving one has ended, here 20 s later; with a task of hours on it, hours later.
# What Airflow shows meanwhile: a task that is queued for no reason, although other workers are idle, while one is replaced.
# What gather does: its test of a warm shutdown (test/engine/behaviour/workers.ts) begins after that second.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet celery==5.6.2 kombu==5.6.2 redis==6.4.0
# Debian's Redis, unpacked here
apt-get download redis-server redis-tools liblzf1 libjemalloc2 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" debian; done
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export LD_LIBRARY_PATH=$(dirname "$(find debian -name 'liblzf.so*' | head -1)") BROKER=redis://127.0.0.1:$port
debian/usr/bin/redis-server --port "$port" --bind 127.0.0.1 --save '' >/dev/null &
until venv/bin/python -c "import redis; redis.Redis(port=$port).ping()" 2>/dev/null; do sleep 0.2; done
cat >app.py <<'PY'
import os, time
from celery import Celery
app = Celery("app", broker=os.environ["BROKER"] + "/0", backend=os.environ["BROKER"] + "/1")
app.conf.update(worker_prefetch_multiplier=1, task_acks_late=True)  # as Airflow has it

@app.task
def long():
    time.sleep(20)

@app.task
def short():
    pass
PY
cat >probe.py <<'PY'
import signal, subprocess, sys, threading, time
from app import long, short

def worker(name):
    command = [sys.executable, "-m", "celery", "-A", "app", "worker", "-c", "4", "-n", name + "@here", "--without-mingle", "--without-gossip", "-l", "INFO"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

def says(process, text):
    next(line for line in process.stdout if text in line)

def leaves_unread(process):
    threading.Thread(target=process.stdout.read, daemon=True).start()

def queued_after(seconds):
    """How many of six short tasks sent that long after the warm shutdown have not run 5 s later, and at last."""
    leaving = worker("leaving")
    says(leaving, "ready.")
    task = long.delay()
    time.sleep(1)
    staying = worker("staying")
    says(staying, "ready.")
    leaves_unread(staying)
    leaving.send_signal(signal.SIGTERM)
    says(leaving, "Warm shutdown")
    leaves_unread(leaving)
    time.sleep(seconds)
    sent = [short.delay() for _ in range(6)]
    time.sleep(5)
    waiting = sum(not each.ready() for each in sent)
    leaving.wait(60)
    for each in sent:
        each.get(timeout=20)
    staying.terminate()
    staying.wait(30)
    return waiting

print("at once: %d, after 2 s: %d" % (queued_after(0), queued_after(2)))
PY
seen=$(venv/bin/python probe.py)
echo "celery 5.6.2, kombu 5.6.2, redis-py 6.4.0: of six tasks, waiting for the leaving worker when sent $seen"
wanted='at once: 1, after 2 s: 0'
[ "$seen" = "$wanted" ] || { echo "changed: it was $wanted"; exit 1; }
