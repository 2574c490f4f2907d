#!/usr/bin/env bash
# Runs the official rules (UBL 2.1, EN 16931, Peppol BIS Billing 3.0 of 2026.5)
# on invoices that Sluss writes, and on mutations that must be found. Called by
# tools/verify.sh with a folder to work in; 77 = skipped, with the reason.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
mkdir -p "$1"
work=$(cd "$1" && pwd)
if ! command -v javac >/dev/null || ! command -v mvn >/dev/null; then
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		{ apt-get update -qq && apt-get install -y -qq --no-install-recommends openjdk-17-jdk-headless maven; } >"$work/java.log" 2>&1 || true
	fi
fi
if ! command -v javac >/dev/null || ! command -v mvn >/dev/null; then
	echo "skipped: no Java compiler or Maven on this machine (apt-get install openjdk-17-jdk-headless maven)"
	exit 77
fi
mkdir -p "$work/jars"
while read -r sum artifact; do
	IFS=: read -r _ name version <<<"$artifact"
	file="$work/jars/$name-$version.jar"
	if ! echo "$sum  $file" | sha256sum -c --quiet >/dev/null 2>&1; then
		if ! (cd "$work" && mvn -B -q dependency:copy -Dartifact="$artifact" -DoutputDirectory="$work/jars" -Dmdep.overWriteReleases=true) >"$work/maven.log" 2>&1; then
			echo "skipped: Maven could not fetch $artifact"
			exit 77
		fi
		echo "$sum  $file" | sha256sum -c --quiet || { echo "$artifact is not what was pinned"; exit 1; }
	fi
done <"$here/jars"
rm -rf "$work/invoices"
mkdir -p "$work/invoices"
(cd "$root" && "${GO:-go}" test -count=1 ./internal/peppol -run WriteExamples -out "$work/invoices") >"$work/write.log" 2>&1 || { cat "$work/write.log"; exit 1; }
java -Djavax.xml.accessExternalDTD=all -Drules=2026.5 -cp "$work/jars/*" "$here/Check.java" "$work/invoices"
