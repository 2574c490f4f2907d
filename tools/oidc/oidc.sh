#!/usr/bin/env bash
# Logs in at a real OpenID provider (npm oidc-provider), there and back, through
# the counter's own handlers. What cannot be had is "skipped: why", never
# "passed". Called by tools/verify.sh with a folder to work in.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$1
mkdir -p "$work"
if ! command -v npm >/dev/null; then echo "skipped: npm is not on this machine"; exit 77; fi
cp "$here/package.json" "$here/package-lock.json" "$here/provider.mjs" "$work/"
if ! (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >"$work/npm.log" 2>&1; then
	echo "skipped: oidc-provider could not be installed"
	exit 77
fi
cd "$here/../.."
SLUSS_OIDC="$(cd "$work" && pwd)" "${GO:-go}" test -count=1 -run '^TestRealProvider$' -v ./internal/web/entrance
