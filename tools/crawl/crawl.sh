#!/usr/bin/env bash
# Serves a demo and has every page visited in a real browser (crawl.mjs), as
# every role; --light: as one role, in two modes. What cannot be had is "skipped: why", never "passed". Called by
# tools/verify.sh and make test with a folder to work in.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$1
mkdir -p "$work"
. "$here/browser.sh"
rm -rf "$work/demo"
"$root/bin/sluss" pages >"$work/routes.json"
(cd "$work" && exec "$root/bin/sluss" demo --persons 500 --dir demo --addr localhost:0) >"$work/demo.log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true; wait $server 2>/dev/null || true' EXIT
for _ in $(seq 600); do
	base=$(grep -oE 'http://localhost:[0-9]+' "$work/demo.log" | tail -n 1 || true)
	[ -n "$base" ] && break
	kill -0 $server 2>/dev/null || break
	sleep 0.1
done
[ -n "$base" ] || { echo "the demo did not start"; tail -n 20 "$work/demo.log"; exit 1; }
CHROMIUM=$browser node "$here/crawl.mjs" "$base" "$work/routes.json" "$work/demo/cases.json" "$work/screens" "${2:-}"
