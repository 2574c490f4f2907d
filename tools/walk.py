#!/usr/bin/env python3
"""Takes one research order from submission to an opened delivery with two real
programs that share nothing but a network: `sluss serve` (the counter) and
`sluss-engine pull` (the vault). Everything goes over HTTP with tokens, or by
the command line; what people sign they sign with keys of their own.

    python3 tools/walk.py BIN WORK [--database URL]

With a PostgreSQL database there are two counters that share the work.

Standard library only. Exits 0 when the recipient has opened what was ordered,
and the log verifies.
"""
import datetime
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request

BIN, WORK = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
DATABASE = sys.argv[4] if len(sys.argv) > 4 and sys.argv[3] == "--database" else ""
WORK.mkdir(parents=True, exist_ok=True)
TODAY = datetime.date.today()
DAY = datetime.timedelta(days=1)


def run(*args, stdin=None):
    out = subprocess.run([str(BIN / args[0]), *map(str, args[1:])], input=stdin, capture_output=True, text=True, env={**os.environ, "SLUSS_LANG": "en"})
    if out.returncode:
        sys.exit(f"{' '.join(map(str, args[:3]))} ended with {out.returncode}: {out.stderr[-800:]}")
    return out.stdout


def step(text):
    print(f"  {text}", flush=True)


where = ["--state", WORK / "counter"] + (["--database", DATABASE] if DATABASE else [])
run("sluss-engine", "synth", "--persons", 2000, "--seed", 11, "--out", WORK / "registers")
run("sluss-engine", "load", "--from", WORK / "registers", "--store", WORK / "store")
snapshot = json.loads(run("sluss-engine", "snapshots", "list", "--store", WORK / "store", "--json"))[-1]["id"]
vault = json.loads(run("sluss-engine", "vault", "init", WORK / "vault", "--json"))
vault["fingerprint"] = dict(line.split(" ", 1) for line in run("sluss-engine", "vault", "show", WORK / "vault").splitlines())["signer-fingerprint"]
recipient = dict(line.split(" ", 1) for line in run("sluss", "keygen", "--out", WORK / "recipient.txt").splitlines())["recipient"]
step(f"synthetic registers in {snapshot}, vault and recipient have their keys")

people = {
    "elin": ("orderer", ["--email", "elin@sjolunda.example"]),
    "ragnar": ("representative", ["--email", "ragnar@sjolunda.example"]),
    "karin": ("handler", []),
    "petra": ("reviewer", []),
    "bo": ("decider", []),
    "sten": ("statistician", []),
    "ylva": ("releaser", []),
    "scb": ("supplier", ["--organisation", "Statistiska centralbyrån"]),
    "ada": ("auditor", []),
}
signers = [json.loads(run("sluss", "signer", name, role, "--out", WORK / f"{name}.key")) for name, role in (("bo", "decider"), ("sten", "statistician"), ("ylva", "releaser"))]
(WORK / "signers.json").write_text(json.dumps(signers))
(WORK / "credential").write_text("a credential of the walk, long enough to be none that anybody guesses\n")

command = [str(BIN / "sluss"), "serve", *map(str, where), "--addr", "127.0.0.1:0", "--credential", str(WORK / "credential"),
           "--vault-key", vault["recipient"], "--signers", str(WORK / "signers.json")]
counters = []


def start():
    """Starts a counter and returns its address. On PostgreSQL the walk has two,
    and every request goes to the other one than the request before."""
    name = WORK / f"serve{len(counters)}.log"
    counters.append(subprocess.Popen(command, stdout=open(name, "w"), stderr=subprocess.STDOUT))
    for _ in range(300):
        text = name.read_text()
        if "http://" in text:
            return "http://" + text.split("http://", 1)[1].split()[0]
        if counters[-1].poll() is not None:
            break
        time.sleep(0.1)
    sys.exit("the counter did not start: " + text[-800:])


def stop():
    for c in counters:
        c.terminate()
        c.wait(20)


try:
    bases = [start()] + ([start()] if DATABASE else [])
    tokens = {}
    for name, (role, extra) in people.items():
        out = run("sluss", "token", "create", *where, "--actor", name, "--role", role, "--expires", TODAY + 30 * DAY, *extra)
        tokens[name] = [w for w in out.split() if len(w) > 30][-1]

    # The vault has its own list of signers: the three people, and the counter for purges.
    public = (WORK / "counter" / "counter.pub").read_text().strip()
    (WORK / "vault-signers.json").write_text(json.dumps(signers + [{"name": "sluss", "role": "registrar", "key": public}]))

    def ask(who, method, path, body=None, raw=None, want=(200, 201, 202, 204), name=""):
        bases.append(bases.pop(0))
        data = raw if raw is not None else (json.dumps(body).encode() if body is not None else None)
        r = urllib.request.Request(bases[0] + path, data=data, method=method, headers={
            "Authorization": "Bearer " + tokens[who], "Accept-Language": "en",
            "Content-Type": "application/octet-stream" if raw is not None else "application/json",
            **({"Content-Disposition": f'attachment; filename="{name}"'} if name else {})})
        try:
            with urllib.request.urlopen(r, timeout=60) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as e:
            status, text = e.code, e.read()
        if status not in want:
            sys.exit(f"{who} {method} {path}: {status} {text[:600]!r}")
        try:
            return json.loads(text) if text else {}
        except ValueError:
            return text

    def do(who, command, **body):
        return ask(who, "POST", f"/api/v1/orders/{case}/commands/{command}", body)

    def sign(who, doc):
        return run("sluss", "sign", "-", "--key", WORK / f"{who}.key", stdin=json.dumps(doc))

    def pull():
        run("sluss-engine", "pull", "--dir", WORK / "vault", "--store", WORK / "store", "--counter", bases[0], "--credential", WORK / "credential", "--signers", WORK / "vault-signers.json", "--once")

    def until(member, test):
        for _ in range(60):
            pull()
            c = ask("karin", "GET", f"/api/v1/orders/{case}")
            if test(c):
                return c
            time.sleep(0.3)
        sys.exit(f"waited in vain for {member}: {json.dumps(c)[:800]}")

    period = {"from": "2019-01-01", "to": "2025-12-31"}
    draft = ask("elin", "POST", "/api/v1/drafts", {"answers": {}})
    application = {
        "form": 2, "purpose": "research", "title": "Sjukfrånvaro kring en händelse", "sensitive": True, "sensitive_categories": ["health"],
        "principal": {"name": "Sjölunda universitet", "org_no": "202199-0011", "kind": "authority", "country": "SE", "representative": {"name": "Ragnar", "email": "ragnar@sjolunda.example"}},
        "orderer": {"name": "Elin", "email": "elin@sjolunda.example"},
        "project": {"questions": "Hur förändras sjukfrånvaron kring en händelse?", "start": str(TODAY), "end": str(TODAY + 900 * DAY), "deliveries": 1, "student_thesis": False, "researchers": ["Elin"]},
        "population": {"source": "file", "holder": "Statistiska centralbyrån", "definition": "Ett urval av vuxna", "size": 2000, "ready": {"on": str(TODAY - DAY), "by": "Statistiska centralbyrån"},
                       "columns": [{"name": "indexdatum", "type": "date", "use": "steer"}, {"name": "grupp", "type": "code", "use": "pass"}]},
        "data": [{"register": "midas_sjuk", "benefits": ["SJP"], **period, "table": "midas_sjp", "shape": "spell", "variables": ["from_datum", "tom_datum", "nettodagar", "dagar"], "motive": "Fallens längd är frågan."}],
        "delivery": {"formats": ["csv"]}, "invoice": {"reference": "SU-1"},
        "ethics": {"approvals": [{"kind": "approval", "number": "2026-00001-01", "decided": str(TODAY - 90 * DAY), "application": "ansokan", "decision": "beslut", "signed": True, "board": "etikprovningsmyndigheten"}],
                   "coverage": [{"item": i, "met": True, "attachment": "ansokan", "page": 1, **more} for i, more in (
                       ("population", {}), ("benefit:SJP", {"from_authority": True}), ("motivated", {}), ("category:health", {}),
                       ("period", {"period_from": period["from"], "period_to": period["to"]}), ("principal", {"principal_org_nos": ["202199-0011"]}))]},
    }
    draft_id = draft["id"]

    def attach(kind, name):
        r = ask("elin", "POST", f"/api/v1/drafts/{draft_id}/attachments?kind={kind}", raw=("Ett påhittat dokument: " + name).encode(), name=name)
        return r.get("id") or r.get("attachment", {}).get("id"), r

    first, a = attach("ethics_application", "Etikansokan.txt")
    second, b = attach("ethics_decision", "Etikbeslut.txt")
    application["ethics"]["approvals"][0].update(application=first, decision=second)
    for c in application["ethics"]["coverage"]:
        c["attachment"] = first
    application["attachments"] = [
        {"id": first, "kind": "ethics_application", "name": "Etikansökan.txt", "sha256": a.get("sha256", "")},
        {"id": second, "kind": "ethics_decision", "name": "Etikbeslut.txt", "sha256": b.get("sha256", "")}]
    saved = ask("elin", "PUT", f"/api/v1/drafts/{draft_id}", {"version": draft.get("version", 1), "answers": application})
    case = ask("elin", "POST", f"/api/v1/drafts/{draft_id}/submit", {"version": saved["version"]})["id"]
    step(f"{case} submitted")
    do("karin", "acknowledge")
    do("karin", "confirm_complete")
    terms = {"form": "fixed", "hours": [{"kind": "review", "centihours": 400}, {"kind": "extraction", "centihours": 1200}], "vat": "standard_25", "vat_reason": "tjänst", "valid_to": str(TODAY + 60 * DAY)}
    do("karin", "draft_quote", terms=terms)
    do("elin", "agree_draft", hash=ask("elin", "GET", f"/api/v1/orders/{case}")["draft"]["hash"])
    sheet = ask("petra", "GET", f"/api/v1/orders/{case}/worksheet")
    answers = [{"question": q["id"], "finding": "Bedömt.", "holds": True, **({"treat": "keep"} if q["section"] == "minimisation" else {})} for q in sheet["questions"]]
    do("petra", "record_review", answers=answers)
    step(f"reviewed: {len(answers)} questions answered")
    prepared = ask("bo", "POST", f"/api/v1/orders/{case}/prepare/decision", {
        "id": "", "rapporteur": "petra", "from_review": True, "rows": [], "persons": {"source": "", "max": 0, "id": "personnummer", "protected": ""}, "identity": {"kind": "", "key_policy": ""}, "formats": [], "deliveries": 0,
        "expires": str(TODAY + 200 * DAY), "recipient_key": recipient, "vault_signer": vault["fingerprint"], "retention_months": 0,
        "reasons": {"sv": "Det står klart att uppgifterna kan lämnas ut.", "en": "It is clear that the data can be disclosed."}, "provisions": ["24 kap. 8 § OSL"], "terms": terms})
    do("bo", "decide", decision=prepared["decision"], quote=prepared["quote"], note=sign("bo", prepared["decision"]))
    do("karin", "dispatch_decision")
    do("ragnar", "accept_quote", hash=ask("ragnar", "GET", f"/api/v1/orders/{case}")["quote"]["hash"])
    step("decided, signed, dispatched, accepted")
    do("karin", "call_population", supplier="scb", reference="SCB-1", opens=str(TODAY), closes=str(TODAY + 30 * DAY))
    population = (WORK / "registers" / "population" / "indexdatum.csv").read_bytes()
    ask("scb", "PUT", f"/api/v1/orders/{case}/population", raw=population)
    c = until("the population's check", lambda c: c.get("population", {}).get("checked"))
    step(f"population checked: {c['population'].get('persons')} persons")
    prepared = ask("sten", "POST", f"/api/v1/orders/{case}/prepare/specification", {
        "snapshot": snapshot, "anchors": ["indexdatum"], "groups": ["grupp"],
        "extracts": [{"name": "fall", "table": "midas_sjp", "shape": {"spell": {"max_gap_days": 4}}, "window": {"from": "2019-01-01", "to": "2026-01-01"}, "where": [{"var": "delforman", "stage": "row", "in": ["SJP"]}],
                      "columns": [{"name": "lopnr"}, {"name": "from_datum"}, {"name": "tom_datum"}, {"name": "dagar"}, {"name": "nettodagar"}], "output": {"file": "fall", "format": "csv"}}]})
    do("sten", "order_extraction", spec=prepared["spec"], note=sign("sten", prepared["sign"]))
    until("the extraction", lambda c: c["phase"] == "release")
    release = ask("ylva", "POST", f"/api/v1/orders/{case}/prepare/release", {})["sign"]
    do("ylva", "release", manifest=release["manifest"], note=sign("ylva", release))
    until("the delivery", lambda c: c["phase"] == "delivered")
    parcel = ask("elin", "GET", f"/api/v1/orders/{case}/parcel")
    (WORK / f"{case}.sluss").write_bytes(parcel)
    opened = run("sluss", "open", WORK / f"{case}.sluss", "--identity", WORK / "recipient.txt", "--signer", vault["fingerprint"], "--out", WORK / "opened")
    rows = len((WORK / "opened" / "fall.csv").read_text().splitlines()) - 1
    do("elin", "confirm_receipt", manifest=release["manifest"])
    step(f"delivered, opened and verified by the recipient: {rows} spells")
    clocks = ask("elin", "GET", f"/api/v1/orders/{case}/clocks")
    reads = ask("ada", "GET", f"/api/v1/orders/{case}/reads")
    if not clocks or not reads:
        sys.exit("no clocks or reads")
finally:
    stop()
verified = run("sluss", "audit", "verify", *(["--database", DATABASE] if DATABASE else ["--state", WORK / "counter"]), "--key", WORK / "counter" / "counter.pub")
step("log verified: " + verified.strip().splitlines()[0])
print(f"{case}: from draft to opened delivery between {'two counters and a vault' if DATABASE else 'two programs'}; {rows} spells")
