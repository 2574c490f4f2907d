#!/usr/bin/env bash
# Writes the letters of the showcase as PDF with Typst (PyPI) and has veraPDF
# (Maven) check that each is what it declares: PDF/UA-1 and PDF/A-2a. A page
# without tags must be found. Called by tools/verify.sh with a folder to work
# in; 77 = skipped, with the reason.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
mkdir -p "$1"
work=$(cd "$1" && pwd)
typst_version=0.15.2
vera=org.verapdf.apps:greenfield-apps:1.28.2
vera_sum=687d4d8bcfec48c9f7e931cf78ed061f1eeccfba55d4cdc000ba9b4d8aa46ce6
skip() { echo "skipped: $1"; exit 77; }

command -v python3 >/dev/null || skip "python3 is not on this machine"
if ! command -v java >/dev/null || ! command -v mvn >/dev/null; then
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		{ apt-get update -qq && apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless maven; } >"$work/java.log" 2>&1 || true
	fi
fi
command -v java >/dev/null && command -v mvn >/dev/null || skip "no Java or Maven on this machine (apt-get install openjdk-17-jre-headless maven)"
jar="$work/verapdf.jar"
if ! echo "$vera_sum  $jar" | sha256sum -c --quiet >/dev/null 2>&1; then
	(cd "$work" && mvn -B -q dependency:copy -Dartifact="$vera:jar" -DoutputDirectory="$work/maven" -Dmdep.overWriteReleases=true) >"$work/maven.log" 2>&1 || skip "Maven could not fetch $vera"
	mv "$work/maven/greenfield-apps-1.28.2.jar" "$jar"
	echo "$vera_sum  $jar" | sha256sum -c --quiet || { echo "FAILED: $vera is not what was pinned"; exit 1; }
fi
[ -x "$work/python/bin/python" ] || python3 -m venv "$work/python"
"$work/python/bin/pip" install -q --disable-pip-version-check --require-hashes --only-binary :all: -r "$here/requirements.txt" >"$work/pip.log" 2>&1 ||
	skip "Typst $typst_version could not be installed from PyPI for this machine"
printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$work/python/bin/python" "$here/typst_cli.py" >"$work/typst"
chmod +x "$work/typst"

rm -rf "$work/letters" && mkdir -p "$work/letters"
(cd "$root" && SLUSS_LETTERS="$work/letters" SLUSS_TYPST="$work/typst" "${GO:-go}" test -count=1 ./internal/showcase -run '^TestLetters$') >"$work/write.log" 2>&1 || { tail -n 20 "$work/write.log"; exit 1; }
check() { { java -cp "$jar" org.verapdf.apps.GreenfieldCliWrapper --format text -f "$1" "${@:2}" 2>/dev/null || true; } | cut -d' ' -f1 | sort | uniq -c | awk '{print $2, $1}' | tr '\n' ';'; }
n=$(find "$work/letters" -name '*.pdf' | wc -l)
[ "$n" -gt 0 ] || { echo "FAILED: no letter was written"; exit 1; }
for profile in ua1 2a; do
	got=$(check "$profile" "$work"/letters/*.pdf)
	[ "$got" = "PASS $n;" ] || { echo "FAILED: $profile: $got"; exit 1; }
done
# The checker finds what is wrong: a page with neither tags, title nor language.
"$work/python/bin/python" -c 'import sys, typst; open(sys.argv[1] + ".typ", "w").write("= A\n#table(columns: 2)[a][b]"); typst.Compiler(sys.argv[1] + ".typ").compile(output=sys.argv[1], format="pdf", pdf_tags=False)' "$work/plain.pdf"
for profile in ua1 2a; do
	got=$(check "$profile" "$work/plain.pdf")
	[ "$got" = "FAIL 1;" ] || { echo "FAILED: a page without tags is not found by $profile: $got"; exit 1; }
done
echo "$n letters of $(find "$work/letters" -name '*.pdf' | sed -E 's/.*[0-9]-([a-z_]+)-.*/\1/' | sort -u | wc -l) kinds are PDF/UA-1 and PDF/A-2a (veraPDF 1.28.2); one without tags is found"
