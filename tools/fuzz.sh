#!/bin/sh
# Runs every fuzz target of the tree for some seconds: fuzz.sh SECONDS [WORKERS].
# What it finds lies in the room's testdata/fuzz afterwards, as a case that go
# test runs from then on.
set -eu
seconds=${1:-20}
workers=${2:-2}
failed=0
mkdir -p build
for file in $(git ls-files '*_test.go' | xargs grep -l '^func Fuzz' | sort); do
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file"); do
		printf "%s %s: " "$(dirname "$file")" "$target"
		go test "./$(dirname "$file")" -run '^$' -fuzz "^$target\$" -fuzztime "${seconds}s" -parallel "$workers" ${FUZZ_FLAGS:-} >build/fuzz.log 2>&1 || { failed=1; cat build/fuzz.log; continue; }
		sed -n "s/^fuzz: //p" build/fuzz.log | tail -n 1
	done
done
exit $failed
