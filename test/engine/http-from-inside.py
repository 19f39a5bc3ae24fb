"""Sends HTTP requests exactly as they are given, which curl and fetch would tidy up first.

stdin: JSON list of {"method", "path", "headers", "body"}; stdout: JSON list of {"status", "body"}. Argument: HOST:PORT.
"""
import http.client
import json
import sys


def send(request):
    connection = http.client.HTTPConnection(sys.argv[1], timeout=30)
    body = json.dumps(request["body"]).encode() if "body" in request else b""
    connection.putrequest(request["method"], request["path"])
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **request.get("headers", {})}
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    response = connection.getresponse()
    return {"status": response.status, "body": response.read(2000).decode(errors="replace")}


json.dump([send(request) for request in json.load(sys.stdin)], sys.stdout)
