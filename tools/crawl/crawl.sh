#!/usr/bin/env bash
# Serves a demo and has every page visited in a real browser (crawl.mjs), as
# every role; --light: as one role, in two modes. What cannot be had is "skipped: why", never "passed". Called by
# tools/verify.sh and make test with a folder to work in.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$1
mkdir -p "$work"
if ! command -v npm >/dev/null; then echo "skipped: npm is not on this machine"; exit 77; fi
browser=$(command -v chromium || command -v chromium-browser || true)
if [ -z "$browser" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	{ apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-liberation; } >"$work/chromium.log" 2>&1 || true
	browser=$(command -v chromium || true)
fi
if [ -z "$browser" ]; then echo "skipped: Chromium is not on this machine (apt-get install chromium)"; exit 77; fi
if ! (cd "$here" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >"$work/npm.log" 2>&1; then
	echo "skipped: the crawler's packages could not be installed"
	exit 77
fi
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
