#!/usr/bin/env bash
# Walks the counter's journeys in a real browser (journeys.mjs), each variant in
# a demo of its own. What cannot be had is "skipped: why", never "passed".
# Called by tools/verify.sh with a folder to work in.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$1
mkdir -p "$work"
. "$here/browser.sh"
CHROMIUM=$browser exec node "$here/journeys.mjs" "$root/bin/sluss" "$work"
