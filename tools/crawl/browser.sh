# What the scripts of this folder need: Chromium in $browser, and the packages
# of package.json. What cannot be had is "skipped: why", and the script ends
# with 77. Sourced with $here, this folder, and $work, a folder to work in.
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
