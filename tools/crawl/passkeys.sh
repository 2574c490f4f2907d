#!/usr/bin/env bash
# Takes an order from draft to opened delivery (tools/walk.py), with the decision
# and the release signed by passkeys in a real browser, which the vault checks
# with its own list. What cannot be had is "skipped: why", never "passed".
# Called by tools/verify.sh with the programs' folder and a folder to work in.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=$(cd "$1" && pwd)
mkdir -p "$2"
work=$(cd "$2" && pwd)
. "$here/browser.sh"
if ! command -v openssl >/dev/null; then echo "skipped: openssl is not on this machine"; exit 77; fi
rm -rf "$work/walk"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
	-keyout "$work/key.pem" -out "$work/cert.pem" 2>"$work/openssl.log"
CHROMIUM=$browser python3 "$here/../walk.py" "$bin" "$work/walk" --passkeys "$work"
