#!/bin/sh
# A counter that fetches mail from Dovecot and has it looked at by clamd, both
# of Debian: fetch.sh BIN WORK. The last line of the output tells. clamd gets a
# database of ours with one signature; none is fetched.
set -eu
bin=$1
work=$2
python=${3:-python3}
here=$(cd "$(dirname "$0")" && pwd)
if ! command -v dovecot >/dev/null || ! command -v clamd >/dev/null; then
	if ! { apt-get install -y -q --no-install-recommends dovecot-imapd clamav-daemon >"$work.apt" 2>&1 || { apt-get update -q >"$work.apt" 2>&1 && apt-get install -y -q --no-install-recommends dovecot-imapd clamav-daemon >>"$work.apt" 2>&1; }; }; then
		echo "skipped: Dovecot and clamd cannot be installed"
		exit 1
	fi
fi
exec "$python" "$here/fetch.py" "$bin" "$work"
