#!/usr/bin/env bash
# Tests run against a real PostgreSQL that they start themselves. This makes
# sure that the program is there: as root it installs it, else it names the
# command and leaves it at that; the tests then say that they were skipped.
set -euo pipefail
if command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb >/dev/null 2>&1; then
	exit 0
fi
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
	if apt-get install -y -q postgresql >/dev/null 2>&1 || { apt-get update -q >/dev/null && apt-get install -y -q postgresql >/dev/null; }; then
		exit 0
	fi
fi
echo "PostgreSQL is not installed; its tests are skipped. To run them: apt-get install postgresql" >&2
