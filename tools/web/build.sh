#!/usr/bin/env bash
# Fetches FKUI and Inter and lays what the pages use into
# internal/web/page/assets/built, which is embedded when it is there. Without npm the
# pages fall back to the one committed stylesheet and the reader's own typeface.
set -euo pipefail
cd "$(dirname "$0")"
out=../../internal/web/page/assets/built
stamp=$out/made-from
want=$(cat package.json package-lock.json build.sh | sha256sum | cut -d' ' -f1)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then exit 0; fi
if ! command -v npm >/dev/null; then
	echo "npm is not installed: the pages use their own stylesheet only (apt install npm, then make web)" >&2
	exit 0
fi
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
rm -rf "$out" && mkdir -p "$out"
cat node_modules/@fkui/theme-default/dist/theme-light.css node_modules/@fkui/design/lib/fkui.min.css >"$out/fkui.css"
cp node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2 "$out/inter.woff2"
cp node_modules/@fkui/design/LICENSE.md "$out/fkui.LICENSE"
cp node_modules/@fontsource-variable/inter/LICENSE "$out/inter.LICENSE"
echo "$want" >"$stamp"
