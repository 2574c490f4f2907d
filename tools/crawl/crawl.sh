#!/usr/bin/env bash
# Serves the demo's cases and has every page visited in a real browser
# (crawl.mjs). What cannot be had is "skipped: why", never "passed". Called by
# tools/verify.sh with a folder to work in.
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
(cd "$work" && "$root/bin/sluss" demo --once >demo.log 2>&1)
"$root/bin/sluss" pages >"$work/routes.json"
"$root/bin/sluss" serve --state "$work/demo/counter" --look --addr 127.0.0.1:0 >"$work/serve.log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
for _ in $(seq 100); do
	base=$(grep -oE 'http://[0-9.:]+' "$work/serve.log" | head -n 1 || true)
	[ -n "$base" ] && break
	sleep 0.1
done
[ -n "$base" ] || { echo "the counter did not start"; cat "$work/serve.log"; exit 1; }
CHROMIUM=$browser node "$here/crawl.mjs" "$base" "$work/routes.json" FK-2026-00001 "$work/screens"
