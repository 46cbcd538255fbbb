#!/bin/sh
# system-libs.sh STAMP: the libraries for pictures by OpenGL without a screen (EGL, OSMesa). Never fails: without them lifeworld
# makes pictures by rays. Touches STAMP when nothing is left to do.
set -u
stamp=$1
here=$(dirname "$0")

if [ "$(uname -s)" != Linux ]; then
    touch "$stamp"
    exit 0
fi

there() {
    { ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null; } | grep -q "$1"
}
missing=
there 'libEGL\.so\.1' || missing="$missing libegl1"
there 'libGL\.so\.1' || missing="$missing libgl1"
there 'libOSMesa\.so' || missing="$missing libosmesa6"
# The software driver behind EGL, under one of the names Mesa has given it.
driver=
for file in /usr/lib*/dri/swrast_dri.so /usr/lib/*/dri/swrast_dri.so /usr/lib*/libgallium* /usr/lib/*/libgallium*; do
    [ -e "$file" ] && driver=$file
done
[ -n "$driver" ] || missing="$missing libgl1-mesa-dri"

if [ -z "$missing" ]; then
    touch "$stamp"
    exit 0
fi
# shellcheck disable=SC2086  # a list of words
if sh "$here/apt.sh" $missing; then
    touch "$stamp"
else
    echo "Going on without: pictures are made by rays where OpenGL is missing (lifeworld doctor tells)." >&2
fi
exit 0
