#!/usr/bin/env bash
# Crypt4GH, both ways, with the reference program (Python, from PyPI): it opens
# what we seal and refuses what has been damaged or is for another key; we open
# what it seals.
#   tools/crypt4gh.sh PYTHON WORK     PYTHON is a virtual environment's folder
# Ends with a line that says what was done; 3 = the program cannot be installed.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$1 work=$2
if ! "$venv/bin/pip" install -q --disable-pip-version-check crypt4gh==1.8.6 >/dev/null 2>&1; then
	echo "the Python package crypt4gh cannot be installed"
	exit 3
fi
rm -rf "$work"
mkdir -p "$work"
theirs="$venv/bin/crypt4gh"
die() { echo "$1"; exit 1; }

"$venv/bin/crypt4gh-keygen" --nocrypt -f --sk "$work/key.sec" --pk "$work/key.pub" >/dev/null 2>&1 </dev/null
"$venv/bin/crypt4gh-keygen" --nocrypt -f --sk "$work/other.sec" --pk "$work/other.pub" >/dev/null 2>&1 </dev/null
pattern() { "$venv/bin/python" -c "import sys; sys.stdout.buffer.write(bytes(i%251 for i in range($1)))"; }

# Theirs for us: a file, and keys with and without a lock. Ours for them comes of the same run.
pattern 66536 | "$theirs" encrypt --recipient_pk "$work/key.pub" >"$work/file.c4gh" 2>/dev/null
printf 'a phrase\na phrase\n' | "$venv/bin/crypt4gh-keygen" -f --sk "$work/locked.sec" --pk "$work/locked.pub" >/dev/null 2>&1
SLUSS_CRYPT4GH_THEIRS="$PWD/$work" SLUSS_CRYPT4GH_OUT="$PWD/$work" "${GO:-go}" test -count=1 -run 'Crypt4GH' ./internal/sealed ./internal/parcel >"$work/go.log" 2>&1 ||
	{ tail -n 5 "$work/go.log"; die "their file or key is not read"; }

n=0
for size in 1 65535 65536 65537 131072 300000; do
	pattern "$size" >"$work/plain"
	"$theirs" decrypt --sk "$work/key.sec" <"$work/$size.c4gh" 2>/dev/null | cmp - "$work/plain" || die "$size bytes of ours come out of theirs as others"
	if "$theirs" decrypt --sk "$work/other.sec" <"$work/$size.c4gh" 2>/dev/null | cmp -s - "$work/plain"; then
		die "$size bytes open with another key"
	fi
	"$venv/bin/python" -c "import sys; b = bytearray(sys.stdin.buffer.read()); b[-1] ^= 1; sys.stdout.buffer.write(b)" <"$work/$size.c4gh" >"$work/damaged"
	if "$theirs" decrypt --sk "$work/key.sec" <"$work/damaged" 2>/dev/null | cmp -s - "$work/plain"; then
		die "a damaged file of $size bytes opens"
	fi
	n=$((n + 1))
done
"$theirs" decrypt --sk internal/sealed/testdata/crypt4gh/key.sec <"$work/vector.c4gh" 2>/dev/null | cmp - <(pattern 70000) || die "the test vector"

# A parcel, opened with tar and their program as its README says.
(cd "$work" && tar -xf parcel.sluss && "$OLDPWD/$theirs" decrypt --sk parcel.sec <sealed.c4gh >content.tar 2>/dev/null && tar -xf content.tar && grep -q '^1;2024-01-01$' sjukfall.csv && [ -s MANIFEST ]) || die "a parcel by tar and crypt4gh"
echo "$n sizes there and back, a parcel by tar and crypt4gh; damage and another key refused"
