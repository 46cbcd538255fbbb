#!/bin/sh
# apt.sh PACKAGE…: install Debian packages when this is root on a system with apt; else say what to install. 0 when they are in.
set -u

if ! command -v apt-get >/dev/null 2>&1; then
    echo "Please install what Debian packages as: $*" >&2
    exit 1
fi
if [ "$(id -u)" != 0 ]; then
    echo "Please run: sudo apt-get install -y $*" >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "Installing system packages: $*" >&2
timeout 300 apt-get -o DPkg::Lock::Timeout=120 update >"$log" 2>&1 || echo "apt-get update failed; trying with the lists there are" >&2
known=
for package in "$@"; do
    if apt-cache show "$package" >/dev/null 2>&1; then
        known="$known $package"
    else
        echo "This system has no package $package; going on without it" >&2
    fi
done
[ -n "$known" ] || exit 1
# shellcheck disable=SC2086  # a list of words
if ! timeout 600 apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends $known >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    echo "Could not install them; to try again: apt-get install -y$known" >&2
    exit 1
fi
