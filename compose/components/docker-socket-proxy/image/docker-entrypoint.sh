#!/bin/sh
# The entrypoint of gather's own HAProxy image: options alone mean haproxy, which stays in the foreground (-W -db).
set -eu
case ${1:-} in -*) set -- haproxy "$@" ;; esac
if [ "$1" = haproxy ]; then shift; set -- haproxy -W -db "$@"; fi
exec "$@"
