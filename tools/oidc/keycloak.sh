#!/usr/bin/env bash
# Logs in at Keycloak, through its own pages, with a password and a one-time
# code. What cannot be had is "skipped: why", never "passed". Called by
# tools/verify.sh with a folder to work in.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
work=$(cd "$1" && pwd)
version=26.7.3
sum=77657f30b7e90d70f727712ce1c967f430fd6a5e9f458d32d8c6df0635345f47
if ! command -v java >/dev/null || ! command -v mvn >/dev/null; then
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		{ apt-get update -qq && apt-get install -y -qq --no-install-recommends openjdk-17-jdk-headless maven; } >"$work/java.log" 2>&1 || true
	fi
fi
if ! command -v java >/dev/null || ! command -v mvn >/dev/null; then
	echo "skipped: no Java or Maven on this machine (apt-get install openjdk-17-jdk-headless maven)"
	exit 77
fi
archive="$work/keycloak-quarkus-dist-$version.tar.gz"
if ! echo "$sum  $archive" | sha256sum -c --quiet >/dev/null 2>&1; then
	if ! (cd "$work" && mvn -B -q dependency:copy -Dartifact="org.keycloak:keycloak-quarkus-dist:$version:tar.gz" -DoutputDirectory="$work" -Dmdep.overWriteReleases=true) >"$work/maven.log" 2>&1; then
		echo "skipped: Maven could not fetch Keycloak"
		exit 77
	fi
	echo "$sum  $archive" | sha256sum -c --quiet || { echo "Keycloak is not what was pinned"; exit 1; }
fi
rm -rf "$work/keycloak"
mkdir "$work/keycloak"
tar -xzf "$archive" -C "$work/keycloak" --strip-components 1
cd "$here/../.."
SLUSS_KEYCLOAK="$work/keycloak" "${GO:-go}" test -count=1 -timeout 8m -run '^TestKeycloak$' -v ./internal/web/entrance
