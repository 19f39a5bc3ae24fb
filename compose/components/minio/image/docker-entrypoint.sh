#!/bin/sh
# The entrypoint of gather's own MinIO image: as in the official one, anything but `minio` is an argument of minio.
set -eu
if [ "${1:-}" != minio ]; then set -- minio "$@"; fi
exec "$@"
