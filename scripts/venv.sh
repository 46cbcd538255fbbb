#!/bin/sh
# venv.sh PYTHON FOLDER: make a virtual environment with the first Python >= 3.11 found, PYTHON before others; say clearly what is
# wrong when there is none, or when it comes without venv.
set -u
folder=$2
here=$(dirname "$0")

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

if [ -x "$folder/bin/python" ] && new_enough "$folder/bin/python" && "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    exit 0 # it is there and works
fi

python=
for name in "$1" python3 python3.13 python3.12 python3.11; do
    if new_enough "$name"; then
        python=$name
        break
    fi
done
if [ -z "$python" ]; then
    echo "lifeworld needs Python 3.11 or newer; '$1' is $("$1" --version 2>&1 | head -n 1)." >&2
    echo "Install one (Debian: apt-get install python3 python3-venv), or name one: make PYTHON=/path/to/python3.11 …" >&2
    exit 1
fi

if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    # Debian ships Python without venv.
    version=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    sh "$here/apt.sh" "$version"
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        echo "$python has no venv module. Install it (Debian: apt-get install $version), or name another: make PYTHON=/path/to/python3.11 …" >&2
        exit 1
    fi
fi

echo "Making $folder with $("$python" --version) ($python)"
rm -rf "$folder"
"$python" -m venv "$folder"
