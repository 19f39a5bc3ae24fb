"""
Keeps in FOLDER a token with which Airflow logs in at Trino (`token`) and the certificate of who has issued Trino's (`authority.pem`).
A token lives for minutes: a new one is there after half of its life. `--check` says whether the one that is there still lives.
"""
import base64
import json
import os
import signal
import sys
import time
import urllib.parse
import urllib.request

FOLDER = "/run/trino-login"
# a first one is asked for until Keycloak has its realm
PAUSE = 1
WITHOUT_ANSWER = 15


def write(name, text):
    """As a whole or not at all: somebody may be reading it."""
    with open(f"{FOLDER}/.{name}", "w") as file:
        file.write(text)
    os.chmod(file.name, 0o644)
    os.replace(file.name, f"{FOLDER}/{name}")


def fresh():
    """A token and the seconds that it lives."""
    form = {"grant_type": "client_credentials", "client_id": "trino", "client_secret": os.environ["TRINO_CLIENT_SECRET"]}
    body = urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(os.environ["TRINO_TOKEN_URL"], body, timeout=WITHOUT_ANSWER) as answer:
        token = json.load(answer)
    return token["access_token"], token["expires_in"]


def follow():
    write("authority.pem", base64.b64decode(os.environ["LOCAL_CA_CERTIFICATE"]).decode())
    said = None
    while True:
        try:
            token, lives = fresh()
            write("token", token)
            print(f"a token for {lives} s", flush=True) if said != "" else None
            said, pause = "", lives / 2
        except OSError as error:
            # (a URLError is one; what it says has no secret in it)
            if said != str(error):
                said = str(error)
                print(f"no token: {said}", flush=True)
            pause = PAUSE
        time.sleep(pause)


def check():
    """Exit 0 while the token that is there is good for another minute."""
    try:
        with open(f"{FOLDER}/token") as file:
            payload = file.read().split(".")[1]
    except OSError:
        sys.exit("there is no token yet")
    until = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["exp"]
    if until < time.time() + 60:
        sys.exit("the token is old")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    check() if "--check" in sys.argv else follow()
