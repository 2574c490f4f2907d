#!/usr/bin/env bash
# Outside readers of what Sluss writes: programs that share no code with it
# open a delivery, check signatures and hashes, read every data file and run
# the starter code. A reader that cannot be installed is "skipped: why", never
# "passed".
set -euo pipefail
cd "$(dirname "$0")/.."

passed=0 failed=0 skipped=0
ok()   { printf 'passed   %s\n' "$1"; passed=$((passed + 1)); }
bad()  { printf 'FAILED   %s\n' "$1"; failed=$((failed + 1)); }
skip() { printf 'skipped: %s\n' "$1"; skipped=$((skipped + 1)); }

work=build/verify
mkdir -p "$work"
if ! command -v python3 >/dev/null; then
	skip "python3 is not on this machine (apt-get install python3-venv)"
	printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
	exit 0
fi
if [ ! -x "$work/python/bin/python" ]; then
	python3 -m venv "$work/python"
fi
if ! "$work/python/bin/pip" install -q --disable-pip-version-check -r tools/requirements.txt 2>"$work/pip.log"; then
	tail -n 2 "$work/pip.log"
	skip "the outside readers could not be installed"
	printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
	exit 0
fi

# R, with the packages that its starter code reads .sav and .dta with.
has_r() { Rscript -e 'quit(status = !all(sapply(c("foreign", "haven"), requireNamespace, quietly = TRUE)))' >/dev/null 2>&1; }
if ! has_r && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	{ apt-get update -qq && apt-get install -y -qq --no-install-recommends r-base-core r-cran-foreign r-cran-haven; } >"$work/r.log" 2>&1 || true
fi

rm -rf "$work/orders" "$work/registers"
bin/sluss-engine synth --persons 3000 --seed 7 --out "$work/registers" >/dev/null
for order in research research-refused-in-part statistics formats employers; do
	out="$work/orders/$order"
	mkdir -p "$work/orders"
	if bin/sluss order run "examples/$order.yaml" --data "$work/registers" --out "$out" >"$work/$order.log" 2>&1; then
		ok "$order: carried out"
	else
		tail -n 3 "$work/$order.log"
		bad "$order: carried out"
		continue
	fi
	if "$work/python/bin/python" tools/read_delivery.py "$out" "$work/registers"; then
		ok "$order: opened, checked and read by Python (pyrage, cryptography, pyarrow, DuckDB)"
	else
		bad "$order: opened, checked and read by Python (pyrage, cryptography, pyarrow, DuckDB)"
	fi
	if (cd "$out/recipient/data" && "$OLDPWD/$work/python/bin/python" las_in.py >"$OLDPWD/$work/$order.start.log" 2>&1); then
		ok "$order: starter code in Python"
	else
		tail -n 5 "$work/$order.start.log"
		bad "$order: starter code in Python"
	fi
	if [ "$order" = statistics ]; then
		if "$work/python/bin/python" tools/recompute.py "$out" "$work/registers"; then
			ok "$order: every spell and cell worked out again from the source files"
		else
			bad "$order: every spell and cell worked out again from the source files"
		fi
	fi
	if ! command -v Rscript >/dev/null; then
		skip "$order: starter code in R (no R on this machine: apt-get install r-base-core)"
	elif ls "$out"/recipient/data/*.parquet >/dev/null 2>&1 && ! Rscript -e 'quit(status = !requireNamespace("arrow", quietly = TRUE))' >/dev/null 2>&1; then
		skip "$order: starter code in R (Parquet needs the R package arrow, which Debian does not have)"
	elif [ "$order" = formats ] && ! has_r; then
		skip "$order: starter code in R (the R packages foreign and haven are not on this machine: apt-get install r-cran-foreign r-cran-haven)"
	elif (cd "$out/recipient/data" && Rscript las_in.R >"$OLDPWD/$work/$order.R.log" 2>&1); then
		ok "$order: starter code in R"
	else
		tail -n 5 "$work/$order.R.log"
		bad "$order: starter code in R"
	fi
done
if PATH="$PWD/$work/python/bin:$PATH" "${GO:-go}" test -count=1 -run 'Starter' ./internal/parcel/pack >"$work/starter.log" 2>&1; then
	ok "starter code of every kind of file, with pandas and pyarrow"
else
	tail -n 20 "$work/starter.log"
	bad "starter code of every kind of file, with pandas and pyarrow"
fi

# Crypt4GH, both ways, with the reference program.
if tools/crypt4gh.sh "$work/python" "$work/crypt4gh" >"$work/crypt4gh.log" 2>&1; then
	ok "Crypt4GH by the reference program: $(tail -n 1 "$work/crypt4gh.log")"
elif [ $? -eq 3 ]; then
	skip "Crypt4GH by the reference program: $(tail -n 1 "$work/crypt4gh.log")"
else
	bad "Crypt4GH by the reference program"
	tail -n 5 "$work/crypt4gh.log"
fi

# Synthetic twins: for every register of the catalogue the starter programs run
# unchanged on the twin and on the vault's delivery of the same order, and make
# the same data frames of both.
rm -rf "$work/twins"
if SLUSS_TWINS="$PWD/$work/twins" "${GO:-go}" test -count=1 -run '^TestForOutsiders$' ./internal/twin >"$work/twins.log" 2>&1; then
	if "$work/python/bin/python" tools/read_twins.py "$work/twins" >"$work/twins.py.log" 2>&1; then
		ok "synthetic twins in Python: $(tail -n 1 "$work/twins.py.log") (pandas, pyarrow, pyreadstat)"
	else
		tail -n 5 "$work/twins.py.log"
		bad "synthetic twins in Python"
	fi
	if ! command -v Rscript >/dev/null; then
		skip "synthetic twins in R (no R on this machine: apt-get install r-base-core r-cran-haven)"
	elif Rscript tools/read_twins.R "$work/twins" >"$work/twins.R.log" 2>&1; then
		ok "synthetic twins in R: $(tail -n 1 "$work/twins.R.log")"
	else
		tail -n 5 "$work/twins.R.log"
		bad "synthetic twins in R"
	fi
else
	tail -n 5 "$work/twins.log"
	bad "synthetic twins could not be written"
fi

# The log of orders: exported, and checked from the bytes up; then damaged.
rm -rf "$work/demo" "$work/log.jsonl" "$work/damaged.jsonl"
if bin/sluss demo --once --persons 1000 --dir "$work/demo" >"$work/demo.log" 2>&1 &&
	bin/sluss audit verify --state "$work/demo/counter" --checkpoint "$work/demo/result/checkpoint.note" >/dev/null &&
	bin/sluss audit export --state "$work/demo/counter" --out "$work/log.jsonl" &&
	"$work/python/bin/python" tools/verify_audit.py "$work/log.jsonl" --key "$work/demo/counter/log.pub" --checkpoint "$work/demo/result/checkpoint.note"; then
	ok "the log: commitments, tree and checkpoints by Python (hashlib, cryptography)"
else
	bad "the log: commitments, tree and checkpoints by Python (hashlib, cryptography)"
fi
for damage in 's/"role":"decider/"role":"handler/' '5d' '5{h;d};6G' '$d'; do
	sed -e "${damage//\"/\\\\\"}" "$work/log.jsonl" >"$work/damaged.jsonl"
	if ! cmp -s "$work/log.jsonl" "$work/damaged.jsonl" &&
		! "$work/python/bin/python" tools/verify_audit.py "$work/damaged.jsonl" --key "$work/demo/counter/log.pub" >/dev/null; then
		ok "the log: Python finds the damage $damage"
	else
		bad "the log: Python finds the damage $damage"
	fi
done
if said=$("$work/python/bin/python" tools/check_ehds.py bin/sluss "$work/demo/counter" "$work/log.jsonl" 2>&1); then
	ok "EHDS: $said against their schemas (jsonschema)"
else
	printf '%s\n' "$said" | tail -n 5
	bad "EHDS: applications and permits against their schemas"
fi
rm -rf "$work/walk"
if "$work/python/bin/python" tools/walk.py bin "$work/walk" >"$work/walk.log" 2>&1; then
	ok "two programs: $(tail -n 1 "$work/walk.log")"
else
	bad "two programs"
	tail -n 5 "$work/walk.log"
fi

if "$work/python/bin/python" tools/faults.py bin "$work/faults" --orders 30 --minutes 2 >"$work/faults.log" 2>&1; then
	ok "faults at random: $(tail -n 1 "$work/faults.log")"
	grep -q 'not run: a full disk' "$work/faults.log" && skip "faults at random: $(grep 'not run:' "$work/faults.log" | sed 's/.*not run: //')"
else
	bad "faults at random"
	grep -E 'broken|FAILED' "$work/faults.log" || tail -n 5 "$work/faults.log"
fi

if [ -d "$work/walk/vault" ] && tools/deploy/drill.sh bin "$work/walk" >"$work/drill.log" 2>&1; then
	ok "restore drill: $(tail -n 1 "$work/drill.log")"
else
	bad "restore drill"
	tail -n 5 "$work/drill.log" 2>/dev/null || true
fi

if tools/crawl/crawl.sh "$work/pages" >"$work/pages.log" 2>&1; then
	ok "pages: $(tail -n 1 "$work/pages.log")"
elif grep -q '^skipped:' "$work/pages.log"; then
	skip "pages: $(tail -n 1 "$work/pages.log")"
else
	bad "pages (screens in $work/pages/screens)"
	grep FAILED "$work/pages.log" | head -n 40 || tail -n 5 "$work/pages.log"
fi

if tools/crawl/journeys.sh "$work/journeys" >"$work/journeys.log" 2>&1; then
	ok "journeys: $(tail -n 1 "$work/journeys.log")"
	while read -r line; do skip "${line#skipped: }"; done < <(grep '^skipped:' "$work/journeys.log")
elif [ "$(wc -l <"$work/journeys.log")" = 1 ] && grep -q '^skipped:' "$work/journeys.log"; then
	skip "journeys: $(tail -n 1 "$work/journeys.log")"
else
	bad "journeys (pictures of where they stopped in $work/journeys)"
	grep FAILED "$work/journeys.log" || tail -n 5 "$work/journeys.log"
fi

# Login at a real identity provider, through the counter's pages.
if tools/oidc/oidc.sh "$work/oidc" >"$work/oidc.log" 2>&1; then
	ok "login: there and back at a real OpenID provider (oidc-provider)"
elif grep -q '^skipped:' "$work/oidc.log"; then
	skip "login: $(tail -n 1 "$work/oidc.log")"
else
	bad "login: there and back at a real OpenID provider (oidc-provider)"
	tail -n 20 "$work/oidc.log"
fi

# The same at Keycloak, with its own forms, a password and a one-time code.
if tools/oidc/keycloak.sh "$work/keycloak" >"$work/keycloak.log" 2>&1; then
	ok "login: password and one-time code at Keycloak"
elif grep -q '^skipped:' "$work/keycloak.log"; then
	skip "login: $(tail -n 1 "$work/keycloak.log")"
else
	bad "login: password and one-time code at Keycloak"
	tail -n 20 "$work/keycloak.log"
fi

# An order whose decision and release are signed by passkeys in a browser.
if tools/crawl/passkeys.sh bin "$work/passkeys" >"$work/passkeys.log" 2>&1; then
	ok "passkeys in a browser, checked by the vault: $(tail -n 1 "$work/passkeys.log")"
elif grep -q '^skipped:' "$work/passkeys.log"; then
	skip "passkeys: $(tail -n 1 "$work/passkeys.log")"
else
	bad "passkeys in a browser"
	tail -n 20 "$work/passkeys.log"
fi

# Forms in Word: filled in by another program, read by ours.
if tools/word/word.sh bin "$work/word" >"$work/word.log" 2>&1; then
	ok "forms in Word: $(tail -n 1 "$work/word.log")"
elif grep -q '^skipped:' "$work/word.log"; then
	skip "forms in Word: $(tail -n 1 "$work/word.log")"
else
	bad "forms in Word"
	tail -n 5 "$work/word.log"
fi

# What comes in: a mailbox of Dovecot, files looked at by clamd.
if tools/incoming/fetch.sh bin "$work/incoming" >"$work/incoming.log" 2>&1; then
	ok "incoming: $(tail -n 1 "$work/incoming.log")"
elif grep -q '^skipped:' "$work/incoming.log"; then
	skip "incoming: $(tail -n 1 "$work/incoming.log")"
else
	bad "incoming mail and virus scanning (logs in $work/incoming)"
	tail -n 5 "$work/incoming.log"
fi

# Invoices: the official rules of UBL, EN 16931 and Peppol.
if tools/peppol/peppol.sh "$work/peppol" >"$work/peppol.log" 2>&1; then
	ok "invoices: $(tail -n 1 "$work/peppol.log") (UBL 2.1, EN 16931, Peppol BIS 3.0)"
elif grep -q '^skipped:' "$work/peppol.log"; then
	skip "invoices: $(tail -n 1 "$work/peppol.log")"
else
	tail -n 10 "$work/peppol.log"
	bad "invoices: the official rules of UBL, EN 16931 and Peppol"
fi

# The catalogue as open data: two formats that say the same, and the shapes of
# DCAT-AP 3.0.1, which are not ours to keep here.
shapes=${SLUSS_SHACL:-../shared/testdata/shacl/dcat-ap-3.0.1-shapes.ttl}
rm -rf "$work/opencat"
if ! bin/sluss catalog publish --out "$work/opencat" --base https://order.example.se --email data@example.se --access-body Socialstyrelsen --access-body-email access@example.se; then
	bad "open catalogue: DCAT-AP-SE and HealthDCAT-AP"
elif [ ! -f "$shapes" ]; then
	skip "open catalogue: SLUSS_SHACL names no copy of the DCAT-AP 3.0.1 shapes (SEMICeu/DCAT-AP, releases/3.0.1/html/shacl/shapes.ttl)"
elif "$work/python/bin/python" tools/opencat/check.py "$work/opencat" "$shapes" >"$work/opencat.log" 2>&1; then
	ok "open catalogue: $(tail -n 1 "$work/opencat.log") (rdflib, pySHACL, DCAT-AP 3.0.1)"
else
	tail -n 20 "$work/opencat.log" | cut -c1-400
	bad "open catalogue: DCAT-AP-SE and HealthDCAT-AP"
fi

# The vault's root key in a hardware module.
if tools/deploy/hsm.sh bin "$work/hsm" >"$work/hsm.log" 2>&1; then
	ok "hardware module: $(tail -n 1 "$work/hsm.log")"
elif grep -q '^skipped:' "$work/hsm.log"; then
	skip "hardware module: $(tail -n 1 "$work/hsm.log" | cut -d' ' -f2-)"
else
	tail -n 10 "$work/hsm.log"
	bad "hardware module: PKCS#11"
fi

# Units: systemd reads them, and says how much they leave open.
if tools/deploy/units.sh bin "$work/units" >"$work/units.log" 2>&1; then
	ok "systemd: $(tail -n 1 "$work/units.log") (systemd-analyze verify, security)"
elif grep -q '^skipped:' "$work/units.log"; then
	skip "systemd: $(tail -n 1 "$work/units.log" | cut -d' ' -f2-)"
else
	tail -n 10 "$work/units.log"
	bad "systemd: units"
fi

# Letters: accessible and archivable PDF.
if tools/letters/letters.sh "$work/letters" >"$work/letters.log" 2>&1; then
	ok "letters: $(tail -n 1 "$work/letters.log")"
elif grep -q '^skipped:' "$work/letters.log"; then
	skip "letters: $(grep '^skipped:' "$work/letters.log" | cut -d' ' -f2-)"
else
	tail -n 10 "$work/letters.log"
	bad "letters: PDF/UA-1 and PDF/A-2a"
fi

# Mail: through a server that shares no code with ours.
if tools/letters/mail.sh "$work/mail" >"$work/mail.log" 2>&1; then
	ok "mail: $(tail -n 1 "$work/mail.log") (aiosmtpd)"
elif grep -q '^skipped:' "$work/mail.log"; then
	skip "mail: $(grep '^skipped:' "$work/mail.log" | cut -d' ' -f2-)"
else
	tail -n 10 "$work/mail.log"
	bad "mail: through aiosmtpd"
fi

# Disclosure risk: the definitions once more, in plain Python.
if "$work/python/bin/python" tools/check_risk.py bin/sluss-engine 300 >"$work/risk.log" 2>&1; then
	ok "disclosure risk: $(tail -n 1 "$work/risk.log" | cut -d';' -f1)"
else
	tail -n 10 "$work/risk.log"
	bad "disclosure risk: measured again by Python"
fi

# Formats: awkward files of every kind, cell by cell, by programs of others.
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	for package in pspp; do
		dpkg -s "$package" >/dev/null 2>&1 || apt-get install -y -qq --no-install-recommends "$package" >>"$work/formats.apt.log" 2>&1 || true
	done
fi
rm -rf "$work/samples" && mkdir -p "$work/samples"
if SLUSS_SAMPLES="$PWD/$work/samples" "${GO:-go}" test -count=1 -run '^TestSamples$' ./internal/parcel/inspect >"$work/samples.log" 2>&1; then
	if ! "$work/python/bin/python" tools/read_formats.py "$work/samples" >"$work/formats.log" 2>&1 && ! grep -q '^FAILED' "$work/formats.log"; then
		tail -n 5 "$work/formats.log"
		bad "formats: the outside readers"
	fi
	while read -r line; do
		case "$line" in
		passed*) ok "formats: ${line#passed   }" ;;
		skipped:*) skip "formats: ${line#skipped: }" ;;
		FAILED*) bad "formats: ${line#FAILED   }" ;;
		esac
	done <"$work/formats.log"
else
	tail -n 5 "$work/samples.log" 2>/dev/null || true
	bad "formats: the samples could not be written"
fi
rm -f "$work"/orders/formats/recipient/data/*_spss.sav
if ! command -v pspp >/dev/null; then
	skip "formats: the SPSS program runs (pspp is not on this machine)"
elif (cd "$work/orders/formats/recipient/data" && LC_ALL=C.UTF-8 pspp -O format=csv las_in.sps) >"$work/formats.sps.log" 2>&1 &&
	! grep -qE 'error|warning' "$work/formats.sps.log"; then
	ok "formats: the SPSS program runs in PSPP"
else
	tail -n 5 "$work/formats.sps.log"
	bad "formats: the SPSS program runs in PSPP"
fi
skip "formats: the programs for SAS and Stata (neither is free to install)"

# Machine-readable codebooks. The schema of DDI-Codebook lies in no package of
# PyPI, npm or Maven that we know of. ddi_schema.py has the part of it that our
# files use; name a copy in DDI_SCHEMA to validate with the whole.
for order in research-refused-in-part statistics formats; do
	data="$work/orders/$order/recipient/data"
	if "$work/python/bin/python" tools/read_codebook.py "$data" >"$work/codebook.log" 2>&1; then
		ok "codebook of $order: $(tail -n 1 "$work/codebook.log") (csvw, ElementTree)"
	else
		tail -n 5 "$work/codebook.log"
		bad "codebook of $order: CSVW and DDI"
	fi
done
if "$work/python/bin/python" tools/ddi_schema.py "$work"/orders/*/recipient/data/kodbok.ddi.xml >"$work/ddi_schema.log" 2>&1; then
	ok "codebook: DDI against the part of its schema that we use: $(tail -n 1 "$work/ddi_schema.log")"
else
	tail -n 5 "$work/ddi_schema.log"
	bad "codebook: DDI against the part of its schema that we use"
fi
if [ -z "${DDI_SCHEMA:-}" ]; then
	skip "codebook: DDI-Codebook 2.5 against its whole schema (DDI_SCHEMA names no copy of codebook.xsd)"
elif ! command -v xmllint >/dev/null; then
	skip "codebook: DDI-Codebook 2.5 against its whole schema (xmllint is not on this machine)"
elif xmllint --noout --nonet --schema "$DDI_SCHEMA" "$work"/orders/*/recipient/data/kodbok.ddi.xml >"$work/ddi.log" 2>&1; then
	ok "codebook: DDI-Codebook 2.5 against its whole schema (xmllint)"
else
	tail -n 5 "$work/ddi.log"
	bad "codebook: DDI-Codebook 2.5 against its whole schema (xmllint)"
fi

# Registers in a cluster: the same bytes from Spark as from the embedded engine.
if tools/spark/spark.sh verify build/spark bin/sluss-engine >"$work/spark.log" 2>&1; then
	ok "Spark: $(tail -n 1 "$work/spark.log")"
elif grep -q '^skipped:' "$work/spark.log"; then
	skip "Spark: not run: $(grep '^skipped:' "$work/spark.log" | tail -n 1 | cut -d' ' -f2-)"
else
	tail -n 20 "$work/spark.log"
	bad "Spark: the shared suite, same bytes, killed workers"
fi

printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
