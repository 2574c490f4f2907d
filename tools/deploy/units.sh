#!/usr/bin/env bash
# Asks systemd what it thinks of the units in deploy/systemd: that they can be
# read, and how much of the machine they leave open (0 nothing, 10 everything).
#
#   tools/deploy/units.sh BIN WORK        exits 77 and says why where it cannot
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=$(realpath "$1") work=$2
command -v systemd-analyze >/dev/null || { echo "skipped: systemd-analyze is not on this machine"; exit 77; }
systemd-analyze security --help 2>/dev/null | grep -q -- --offline || { echo "skipped: this systemd-analyze cannot look at unit files"; exit 77; }
rm -rf "$work" && mkdir -p "$work"
for unit in deploy/systemd/*; do
	sed -e "s#/usr/bin/sluss#$bin/sluss#g" "$unit" >"$work/$(basename "$unit")"
done
systemd-analyze verify --man=no "$work"/*.service "$work"/*.timer 2>"$work/verify.log" || { cat "$work/verify.log"; exit 1; }
if grep -vE "User=|Group=|[Cc]ommand .* is not executable" "$work/verify.log" | grep -q "$work"; then
	cat "$work/verify.log"
	exit 1
fi
worst=0
for unit in "$work"/*.service; do
	level=$(systemd-analyze security --offline=yes --no-pager "$unit" 2>>"$work/security.log" | tee -a "$work/security.log" | sed -n 's/.*Overall exposure level.*: \([0-9.]*\) .*/\1/p')
	echo "$(basename "$unit") $level"
	awk -v l="$level" 'BEGIN { exit !(l != "" && l <= 2.0) }' || { echo "$(basename "$unit") leaves more open than 2.0"; exit 1; }
	worst=$(awk -v a="$worst" -v b="$level" 'BEGIN { print (a > b ? a : b) }')
done
echo "$(ls "$work"/*.service | wc -l) units, at most $worst of 10 open"
