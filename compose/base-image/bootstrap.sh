#!/bin/sh
# Makes the root file system of every image that gather builds itself: Debian 12, minimal, as a tar.
#
#   bootstrap.sh [FILE]     writes FILE, or stdout: bootstrap.sh | docker import - localhost/gather/base:TAG
#
# Needs root and mmdebstrap (13 s) or debootstrap (30 s). From the environment, both optional:
#   MIRROR           where to fetch from now (default http://deb.debian.org/debian)
#   MIRROR_SECURITY  the same for security updates; without it, a MIRROR of your own brings none
# The image itself always points at deb.debian.org: a mirror's address may hold a login.
set -eu
suite=bookworm
default=http://deb.debian.org/debian
security=http://deb.debian.org/debian-security
here=$(cd "$(dirname "$0")" && pwd)
: "${MIRROR:=$default}"
if [ "$MIRROR" = $default ]; then : "${MIRROR_SECURITY:=$security}"; fi
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 143' TERM INT

# One proxy of the host's apt settings, if there is one, handed on in the environment, never as an argument.
if [ -z "${http_proxy:-}" ] && [ -x /usr/lib/apt/apt-helper ]; then
  proxy=$(/usr/lib/apt/apt-helper auto-detect-proxy "$MIRROR" 2>/dev/null | sed -n "s/^Using proxy '\(.*\)' for URL.*/\1/p")
  case $proxy in http*) export http_proxy="$proxy" ;; esac
fi

# sources MIRROR MIRROR_SECURITY: a sources.list
sources() {
  echo "deb $1 $suite main"
  echo "deb $1 $suite-updates main"
  if [ -n "$2" ]; then echo "deb $2 $suite-security main"; fi
}

# finish ROOT: what both tools have in common.
finish() {
  cat >"$1/etc/dpkg/dpkg.cfg.d/gather" <<'CONF'
# Nobody reads manuals in a container, and a build that fails is run again: no docs, no fsync.
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/man/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/lintian/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/bash-completion/*
force-unsafe-io
CONF
  echo 'Acquire::GzipIndexes "true"; Acquire::Languages "none";' >"$1/etc/apt/apt.conf.d/80gather"
  printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d" # no package may start its service during a build
  chmod 755 "$1/usr/sbin/policy-rc.d"
  sources $default $security >"$1/etc/apt/sources.list"
  find "$1/usr/share/doc" ! -type d ! -name copyright -delete # (afterwards: filtering while unpacking costs 9 s)
  rm -rf "$1"/usr/share/man/* "$1"/usr/share/info/* "$1"/usr/share/locale/* "$1"/usr/share/lintian/* "$1"/etc/apt/sources.list.d/* \
    "$1"/var/cache/apt/* "$1"/var/log/*.log "$1"/var/log/apt "$1"/etc/apt/apt.conf.d/99mmdebstrap "$1"/etc/hostname \
    "$1"/etc/resolv.conf "$1"/etc/dpkg/dpkg.cfg.d/99mmdebstrap
  # Lists of another mirror would be useless (and name it); those of deb.debian.org save each image an `apt-get update`.
  if [ "$MIRROR" != $default ] || [ "${MIRROR_SECURITY:-}" != $security ]; then rm -rf "$1"/var/lib/apt/lists/*; fi
  for helper in apt-install go-install maven-fetch npm-install; do
    install -m 755 "$here/$helper" "$1/usr/local/sbin/$helper"
  done
}

if [ "${1:-}" = --finish ]; then # mmdebstrap calls us back with the finished root
  finish "$2"
elif command -v mmdebstrap >/dev/null; then
  export MIRROR MIRROR_SECURITY="${MIRROR_SECURITY:-}"
  # usr-is-merged in place of usrmerge, whose conversion at installation would need all of Perl (45 MB).
  sources "$MIRROR" "$MIRROR_SECURITY" | mmdebstrap --quiet --mode=root --variant=apt --format=tar \
    --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --include=usr-is-merged \
    --skip=cleanup/apt/lists --aptopt='Acquire::GzipIndexes "true"' --aptopt='Acquire::Languages "none"' \
    --dpkgopt=force-unsafe-io --customize-hook="'$here/bootstrap.sh' --finish \"\$1\"" $suite "${1:--}" -
else
  case $MIRROR in *@*) echo 'MIRROR has a login in it, which debootstrap would show in the process list: install mmdebstrap' >&2; exit 2 ;; esac
  debootstrap --variant=minbase $suite "$work/root" "$MIRROR" >&2
  finish "$work/root"
  tar --numeric-owner --one-file-system --exclude='./dev/*' --exclude='./var/lib/apt/lists/*' -C "$work/root" -cf "${1:--}" .
fi
