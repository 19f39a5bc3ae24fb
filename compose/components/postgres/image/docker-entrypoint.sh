#!/bin/bash
# The entrypoint of gather's own PostgreSQL image. On an empty data folder it makes the cluster, the superuser
# POSTGRES_USER (password POSTGRES_PASSWORD) and the database POSTGRES_DB, then runs /docker-entrypoint-initdb.d/*.{sh,sql,sql.gz}
# in the order of their names; after that, and at every later start, it becomes the server.
set -euo pipefail

# file_env NAME: takes NAME from the file that NAME_FILE names, if it does.
file_env() {
  local file=${1}_FILE
  if [[ -n ${!file:-} ]]; then export "$1=$(<"${!file}")"; fi
}

initialise() {
  file_env POSTGRES_PASSWORD; file_env POSTGRES_USER; file_env POSTGRES_DB
  export POSTGRES_USER=${POSTGRES_USER:-postgres}
  export POSTGRES_DB=${POSTGRES_DB:-$POSTGRES_USER}
  local method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  if [[ -z ${POSTGRES_PASSWORD:-} && $method != trust ]]; then
    echo 'POSTGRES_PASSWORD is not set; the superuser needs a password' >&2
    exit 1
  fi
  # Everything happens in a folder of its own and moves up at the end, PG_VERSION last: a container that is killed half-way
  # begins anew at its next start, instead of running a cluster without its users.
  local final=$PGDATA
  export PGDATA=$final/initialising
  # The password goes in through a pipe: no argument, no file. initdb reads one line, so newlines are the one thing it
  # cannot hold. --no-sync and fsync=off: the kernel writes all of it out within half a minute, and a machine that loses power
  # before that loses an empty database; waiting for the disk here took up to four seconds right after an image build.
  local initdb=(initdb --no-sync --username="$POSTGRES_USER" --auth-local=trust --auth-host="$method")
  [[ -z ${POSTGRES_INITDB_WALDIR:-} ]] || initdb+=(--waldir="$POSTGRES_INITDB_WALDIR")
  local extra=()
  eval "extra=(${POSTGRES_INITDB_ARGS:-})" # quoted like on a command line, as the official image reads it
  if [[ -n ${POSTGRES_PASSWORD:-} ]]; then
    "${initdb[@]}" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") "${extra[@]}" >/dev/null
  else
    "${initdb[@]}" "${extra[@]}" >/dev/null
  fi
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"

  # Only reachable through the socket until everything is there: a health check over TCP cannot say "ready" too early.
  pg_ctl -w -s -o "-c listen_addresses='' -c fsync=off -c log_checkpoints=off" start
  if [[ $POSTGRES_DB != postgres ]]; then
    psql -X -q -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres -v db="$POSTGRES_DB" <<<'CREATE DATABASE :"db";'
  fi
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh) if [[ -x $file ]]; then "$file"; else . "$file"; fi ;;
      *.sql) echo "running $file"; psql -X -q -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -f "$file" ;;
      *.sql.gz) echo "running $file"; gunzip -c "$file" | psql -X -q -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" ;;
    esac
  done
  pg_ctl -m fast -w -s stop
  rm -f "$PGDATA/postmaster.opts"
  find "$PGDATA" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv -t "$final" {} +
  mv "$PGDATA/PG_VERSION" "$final"
  rmdir "$PGDATA"
  export PGDATA=$final
}

# Options alone mean: options of the server.
if [[ ${1:-postgres} == -* ]]; then set -- postgres "$@"; fi
if [[ ${1:-} != postgres ]]; then exec "$@"; fi

if [[ $(id -u) == 0 ]]; then
  install -d -o postgres -g postgres -m 700 "$PGDATA"
  if [[ $(stat -c %u "$PGDATA"/PG_VERSION 2>/dev/null || echo 999) != 999 ]]; then chown -R postgres:postgres "$PGDATA"; fi
  exec setpriv --reuid=postgres --regid=postgres --init-groups env HOME=/var/lib/postgresql "$BASH_SOURCE" "$@"
fi

if [[ -d $PGDATA/initialising && ! -s $PGDATA/PG_VERSION ]]; then find "$PGDATA" -mindepth 1 ! -name lost+found -delete; fi
if [[ ! -s $PGDATA/PG_VERSION ]]; then initialise; fi
unset POSTGRES_PASSWORD
exec "$@"
