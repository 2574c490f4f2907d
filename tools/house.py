"""The two programs as a house runs them, for checks that use them from outside:
a counter and a vault with keys and synthetic registers in a folder, people with
tokens, and an API client. Standard library only.
"""
import datetime
import functools
import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zoneinfo

DAY = datetime.timedelta(days=1)
SWEDEN = zoneinfo.ZoneInfo("Europe/Stockholm")
PERIOD = {"from": "2019-01-01", "to": "2025-12-31"}
PEOPLE = {
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


def today():
    """The day it is in Sweden, which is the day both programs go by: for an hour
    or two of every evening it is not the day of a machine that keeps UTC."""
    return datetime.datetime.now(SWEDEN).date()


@functools.cache
def terms():
    """A price that is accepted within sixty days, the same in draft and decision
    also when midnight comes between them."""
    return {"form": "fixed", "hours": [{"kind": "review", "centihours": 400}, {"kind": "extraction", "centihours": 1200}], "vat": "standard_25", "vat_reason": "tjänst", "valid_to": str(today() + 60 * DAY)}


def free_address():
    """An address of this machine that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return "127.0.0.1:%d" % free.getsockname()[1]


def answers(address):
    """Whether a counter at the address is alive."""
    try:
        with urllib.request.urlopen(f"http://{address}/healthz", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


class House:
    """Two programs of the folder bin, and what they keep in the folder work."""

    def __init__(self, bin, work, database=""):
        self.bin, self.work, self.database = pathlib.Path(bin).resolve(), pathlib.Path(work).resolve(), database
        self.work.mkdir(parents=True, exist_ok=True)
        self.counter, self.vault, self.store = self.work / "counter", self.work / "vault", self.work / "store"
        self.where = ["--state", self.counter] + (["--database", database] if database else [])

    def run(self, *args, stdin=None):
        """Runs a command to its end and returns what it prints; exits when it fails."""
        out = subprocess.run([str(self.bin / args[0]), *map(str, args[1:])], input=stdin, capture_output=True, text=True, env={**os.environ, "SLUSS_LANG": "en"})
        if out.returncode:
            sys.exit(f"{' '.join(map(str, args[:3]))} ended with {out.returncode}: {out.stderr[-800:]}")
        return out.stdout

    def furnish(self, persons=2000, holders=()):
        """Makes registers, vault, keys and signers. holders sign with keys that
        they make themselves, later."""
        self.run("sluss-engine", "synth", "--persons", persons, "--seed", 11, "--out", self.work / "registers")
        self.run("sluss-engine", "load", "--from", self.work / "registers", "--store", self.store)
        self.snapshot = json.loads(self.run("sluss-engine", "snapshots", "list", "--store", self.store, "--json"))[-1]["id"]
        self.sealing = json.loads(self.run("sluss-engine", "vault", "init", self.vault, "--json"))["recipient"]
        self.fingerprint = dict(line.split(" ", 1) for line in self.run("sluss-engine", "vault", "show", self.vault).splitlines())["signer-fingerprint"]
        self.recipient = dict(line.split(" ", 1) for line in self.run("sluss", "keygen", "--out", self.work / "recipient.txt").splitlines())
        self.signers = [json.loads(self.run("sluss", "signer", name, role, "--out", self.work / f"{name}.key"))
                        for name, role in (("bo", "decider"), ("sten", "statistician"), ("ylva", "releaser")) if name not in holders]
        (self.work / "signers.json").write_text(json.dumps(self.signers))
        (self.work / "credential").write_text("a credential of a check, long enough to be none that anybody guesses\n")
        (self.work / "credential").chmod(0o600)

    def let_in(self):
        """Gives everybody a token, and the vault its own list of signers: people,
        and the counter for purges. The counter has been started once before."""
        self.tokens = {}
        for name, (role, extra) in PEOPLE.items():
            out = self.run("sluss", "token", "create", *self.where, "--actor", name, "--role", role, "--expires", today() + 30 * DAY, *extra)
            self.tokens[name] = [w for w in out.split() if len(w) > 30][-1]
        public = (self.counter / "counter.pub").read_text().strip()
        (self.work / "vault-signers.json").write_text(json.dumps(self.signers + [{"name": "sluss", "role": "registrar", "key": public}]))

    def serving(self):
        """The command line of a counter, without its address."""
        return [str(self.bin / "sluss"), "serve", *map(str, self.where), "--credential", str(self.work / "credential"),
                "--vault-key", self.sealing, "--vault-signer", self.fingerprint, "--signers", str(self.work / "signers.json")]

    def pulling(self, base):
        """The command line of a vault that asks the counter at base for work."""
        return [str(self.bin / "sluss-engine"), "pull", "--dir", str(self.vault), "--store", str(self.store), "--counter", base,
                "--credential", str(self.work / "credential"), "--signers", str(self.work / "vault-signers.json")]

    def serve(self, address, more=()):
        """Starts a counter and waits until it answers."""
        log = self.work / f"serve-{address.rsplit(':')[-1]}.log"
        with open(log, "a") as out:
            counter = subprocess.Popen([*self.serving(), *more, "--addr", address], stdout=out, stderr=subprocess.STDOUT)
        for _ in range(300):
            if answers(address):
                return counter
            if counter.poll() is not None:
                break
            time.sleep(0.1)
        counter.kill()
        raise RuntimeError("the counter did not start: " + log.read_text()[-800:])

    def sign(self, who, doc):
        """Signs a document with a person's key."""
        return self.run("sluss", "sign", "-", "--key", self.work / f"{who}.key", stdin=json.dumps(doc))

    def send(self, base, who, method, path, body=None, raw=None, name="", key=""):
        """Sends a request and returns its status and what was answered. key names
        the request, so that it can be sent again. OSError when nothing came."""
        data = raw if raw is not None else (json.dumps(body).encode() if body is not None else None)
        r = urllib.request.Request(base + path, data=data, method=method, headers={
            "Authorization": "Bearer " + self.tokens[who], "Accept-Language": "en",
            "Content-Type": "application/octet-stream" if raw is not None else "application/json",
            **({"Content-Disposition": f'attachment; filename="{name}"'} if name else {}), **({"Idempotency-Key": key} if key else {})})
        try:
            with urllib.request.urlopen(r, timeout=60) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as e:
            status, text = e.code, e.read()
        try:
            return status, json.loads(text) if text else {}
        except ValueError:
            return status, text


def application(title):
    """An application for research with a population file, without attachments."""
    return {
        "form": 2, "purpose": "research", "title": title, "sensitive": True, "sensitive_categories": ["health"],
        "principal": {"name": "Sjölunda universitet", "org_no": "202199-0011", "kind": "authority", "country": "SE", "representative": {"name": "Ragnar", "email": "ragnar@sjolunda.example"}},
        "orderer": {"name": "Elin", "email": "elin@sjolunda.example"},
        "project": {"questions": "Hur förändras sjukfrånvaron kring en händelse?", "start": str(today()), "end": str(today() + 900 * DAY), "deliveries": 1, "student_thesis": False, "researchers": ["Elin"]},
        "population": {"source": "file", "holder": "Statistiska centralbyrån", "definition": "Ett urval av vuxna", "size": 2000, "ready": {"on": str(today() - DAY), "by": "Statistiska centralbyrån"},
                       "columns": [{"name": "indexdatum", "type": "date", "use": "steer"}, {"name": "grupp", "type": "code", "use": "pass"}]},
        "data": [{"register": "midas_sjuk", "benefits": ["SJP"], **PERIOD, "table": "midas_sjp", "shape": "spell", "variables": ["from_datum", "tom_datum", "nettodagar", "dagar"], "motive": "Fallens längd är frågan."}],
        "delivery": {"formats": ["csv"]}, "invoice": {"reference": "SU-1"},
        "ethics": {"approvals": [{"kind": "approval", "number": "2026-00001-01", "decided": str(today() - 90 * DAY), "application": "ansokan", "decision": "beslut", "signed": True, "board": "etikprovningsmyndigheten"}],
                   "coverage": [{"item": i, "met": True, "attachment": "ansokan", "page": 1, **more} for i, more in (
                       ("population", {}), ("benefit:SJP", {"from_authority": True}), ("motivated", {}), ("category:health", {}),
                       ("period", {"period_from": PERIOD["from"], "period_to": PERIOD["to"]}), ("principal", {"principal_org_nos": ["202199-0011"]}))]},
    }


def attached(answers, application, decision):
    """Puts the ethics application and decision, as the counter answered for their
    files, into an application."""
    first, second = application["id"], decision["id"]
    answers["ethics"]["approvals"][0].update(application=first, decision=second)
    for c in answers["ethics"]["coverage"]:
        c["attachment"] = first
    answers["attachments"] = [
        {"id": first, "kind": "ethics_application", "name": "Etikansökan.txt", "sha256": application.get("sha256", "")},
        {"id": second, "kind": "ethics_decision", "name": "Etikbeslut.txt", "sha256": decision.get("sha256", "")}]
    return answers


def reviewed(sheet):
    """Answers to every question of a worksheet that let everything out."""
    return [{"question": q["id"], "finding": "Bedömt.", "holds": True, **({"treat": "keep"} if q["section"] == "minimisation" else {})} for q in sheet["questions"]]


def decision(recipient, signer):
    """What the decision on the application is prepared from."""
    return {
        "id": "", "rapporteur": "petra", "from_review": True, "rows": [], "persons": {"source": "", "max": 0, "id": "personnummer", "protected": ""}, "identity": {"kind": "", "key_policy": ""}, "formats": [], "deliveries": 0,
        "expires": str(today() + 200 * DAY), "recipient_key": recipient, "vault_signer": signer, "retention_months": 0,
        "reasons": {"sv": "Det står klart att uppgifterna kan lämnas ut.", "en": "It is clear that the data can be disclosed."}, "provisions": ["24 kap. 8 § OSL"], "terms": terms()}


def specification(snapshot):
    """What the extraction is prepared from."""
    return {
        "snapshot": snapshot, "anchors": ["indexdatum"], "groups": ["grupp"],
        "extracts": [{"name": "fall", "table": "midas_sjp", "shape": {"spell": {"max_gap_days": 4}}, "window": {"from": "2019-01-01", "to": "2026-01-01"}, "where": [{"var": "delforman", "stage": "row", "in": ["SJP"]}],
                      "columns": [{"name": "lopnr"}, {"name": "from_datum"}, {"name": "tom_datum"}, {"name": "dagar"}, {"name": "nettodagar"}], "output": {"file": "fall", "format": "csv"}}]}
