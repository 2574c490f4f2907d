#!/usr/bin/env bash
# Sends mail through aiosmtpd (PyPI), a server that shares no code with Sluss,
# and reads what arrived with Python's own mail parser. Called by
# tools/verify.sh with a folder to work in; 77 = skipped, with the reason.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
mkdir -p "$1"
work=$(cd "$1" && pwd)
skip() { echo "skipped: $1"; exit 77; }
command -v python3 >/dev/null || skip "python3 is not on this machine"
command -v openssl >/dev/null || skip "openssl is not on this machine"
[ -x "$work/python/bin/python" ] || python3 -m venv "$work/python"
"$work/python/bin/pip" install -q --disable-pip-version-check aiosmtpd==1.4.6 >"$work/pip.log" 2>&1 || skip "aiosmtpd could not be installed from PyPI"
rm -rf "$work/taken" && mkdir -p "$work/taken"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
"$work/python/bin/python" "$here/mail.py" "$work/taken" "$work/cert.pem" "$work/key.pem" >"$work/port" 2>"$work/server.log" &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
for _ in $(seq 50); do [ -s "$work/port" ] && break; sleep 0.1; done
[ -s "$work/port" ] || { echo "FAILED: aiosmtpd did not start"; exit 1; }
(cd "$root" && SLUSS_SMTP_PORT=$(cat "$work/port") SLUSS_SMTP_ROOT="$work/cert.pem" "${GO:-go}" test -count=1 ./internal/mail -run '^TestSecondServer$') >"$work/send.log" 2>&1 || { tail -n 20 "$work/send.log"; exit 1; }
"$work/python/bin/python" - "$work/taken" <<'P'
import email, email.policy, pathlib, re, sys
mails = [email.message_from_bytes(p.read_bytes(), policy=email.policy.default) for p in sorted(pathlib.Path(sys.argv[1]).glob("*.eml"))]
files = [f.get_filename() for m in mails for f in m.iter_attachments()]
assert len(mails) == 3 and files == ["FK-2026-00017-decision.sv.pdf"], (len(mails), files)
for m in mails:
    text = m.get_body(("plain",)).get_content()
    assert "FK-2026-00017" in text and text.count("https://") == 1, text
    assert not re.search(r"\d{6,8}[-+]?\d{4}", text) and "Elin" not in text and "Hemlig" not in text, text
    assert m["Auto-Submitted"] == "auto-generated"
print(f"{len(mails)} mails by STARTTLS, {len(files)} file, no name and no identity number; one address refused")
P
