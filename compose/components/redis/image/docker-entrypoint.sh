#!/bin/sh
# The entrypoint of gather's own Redis image: options or a *.conf alone mean redis-server, which never runs as root.
set -eu
case ${1:-} in -* | *.conf) set -- redis-server "$@" ;; esac
if [ "$1" = redis-server ]; then
  umask 0077
  # Redis would only listen to its own container ("protected mode") unless told otherwise; here others are its clients.
  case ${2:-} in
    -v | --version | -h | --help) ;;
    *.conf) if ! grep -q '^ *protected-mode' "$2"; then set -- "$@" --protected-mode no; fi ;;
    *) shift; set -- redis-server --protected-mode no "$@" ;;
  esac
  if [ "$(id -u)" = 0 ]; then
    find . ! -user redis -exec chown redis {} +
    exec setpriv --reuid=redis --regid=redis --init-groups "$@"
  fi
fi
exec "$@"
