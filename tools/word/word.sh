#!/bin/sh
# A Word form of ours opened, filled in and saved by python-docx, and read back:
# word.sh BIN WORK. The last line of the output tells.
set -eu
bin=$1
work=$2
mkdir -p "$work"
if ! python3 -m venv "$work/venv" || ! "$work/venv/bin/pip" install -q --disable-pip-version-check python-docx==1.2.0; then
	echo "skipped: python-docx cannot be installed"
	exit 1
fi
rm -f "$work"/*.docx
for purpose in research statistics; do
	"$bin/sluss" form word "$purpose" -o "$work/$purpose.docx"
	told=$("$work/venv/bin/python" "$(dirname "$0")/fill.py" "$work/$purpose.docx" "$work/$purpose-filled.docx")
	"$bin/sluss" form read "$work/$purpose-filled.docx" >"$work/$purpose.json" 2>"$work/$purpose.told"
	"$work/venv/bin/python" - "$work/$purpose.json" "$purpose" <<'PY'
import json, sys
got = json.load(open(sys.argv[1]))
want = {
    "form": 2, "purpose": sys.argv[2], "title": "Återgång i arbete", "project": {"questions": "Första frågan\nAndra frågan", "start": "2026-01-15"},
    "population": {"size": 12000}, "principal": {"kind": "authority"}, "data": [{"register": "midas_sjuk", "benefits": ["SJP"]}],
    "delivery": {"formats": ["parquet"]}, "identified": True,
}
if got["answers"] != want:
    sys.exit(f"got {got['answers']}")
if [w["field"] for w in got["wrong"]] != ["project.end"]:
    sys.exit(f"told {got['wrong']}")
PY
	echo "$purpose: $told"
done
echo "both forms filled in by python-docx and read back, the wrong answer told"
