#!/usr/bin/env python3
"""Takes one research order from submission to an opened delivery with two real
programs that share nothing but a network: `sluss serve` (the counter) and
`sluss-engine pull` (the vault). Everything goes over HTTP with tokens, or by
the command line; what people sign they sign with keys of their own.

    python3 tools/walk.py BIN WORK [--database URL] [--passkeys FOLDER]

With a PostgreSQL database there are two counters that share the work. With
--passkeys the counter has pages, which people use in browsers as in service: the
orderer comes by a one-time link, over SMTP, and the decision and the release are
signed with passkeys that their holders made there (FOLDER holds a certificate;
tools/crawl/passkeys.sh).

Standard library only. Exits 0 when the recipient has opened what was ordered,
and the log verifies.
"""
import argparse
import email
import email.policy
import json
import os
import pathlib
import re
import socketserver
import subprocess
import sys
import threading
import time

import house
from house import DAY, terms, today

arguments = argparse.ArgumentParser()
arguments.add_argument("bin", type=pathlib.Path)
arguments.add_argument("work", type=pathlib.Path)
arguments.add_argument("--database", default="")
arguments.add_argument("--passkeys", type=pathlib.Path)
given = arguments.parse_args()
home = house.House(given.bin, given.work, given.database)
BIN, WORK, DATABASE, run = home.bin, home.work, home.database, home.run


def step(text):
    print(f"  {text}", flush=True)


HOLDERS = {"bo": "decider", "ylva": "releaser"} if given.passkeys else {}
home.furnish(holders=HOLDERS)
signers, where, recipient = home.signers, home.where, home.recipient["recipient"]
step(f"synthetic registers in {home.snapshot}, vault and recipient have their keys")
ENVIRONMENT = "Säkra miljön, Sjölunda universitet"
more = []  # what the command line of a counter has besides
counters = []
shelves = []  # their addresses for SFTP


def start():
    """Starts a counter and returns its address. On PostgreSQL the walk has two,
    and every request goes to the other one than the request before."""
    address, sftp = house.free_address(), house.free_address()
    counters.append(home.serve(address, [*more, "--sftp", sftp]))
    shelves.append(sftp)
    return "http://" + address


def fetched_by_sftp(case):
    """The parcel, its checksum and its hand-over as OpenSSH fetches them, the parcel
    in two goes: cut in the middle, gone on with."""
    key, known = WORK / "elin_ssh", WORK / "known_hosts"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    run("sluss", "token", "create", *where, "--actor", "elin", "--role", "orderer", "--email", "elin@sjolunda.example", "--ssh-key", f"{key}.pub", "--expires", today() + DAY)
    host = (WORK / "counter" / "sftp.pub").read_text()
    known.write_text("".join(f"[{a.rsplit(':')[0]}]:{a.rsplit(':')[1]} {host}" for a in shelves))
    folder = WORK / "by sftp"
    folder.mkdir()

    def sftp(shelf, orders, allowed=(0,)):
        done = subprocess.run(["sftp", "-q", "-b", "-", "-i", key, "-o", "IdentitiesOnly=yes", "-o", f"UserKnownHostsFile={known}", "-o", "StrictHostKeyChecking=yes",
                               "-P", shelf.rsplit(":")[1], "elin@" + shelf.rsplit(":")[0]], input=orders, cwd=folder, capture_output=True, text=True, timeout=60)
        if done.returncode not in allowed:
            sys.exit(f"sftp {orders!r}: {done.returncode} {done.stdout[-400:]} {done.stderr[-400:]}")
        return done.stdout

    for shelf in shelves:
        if sorted(name for name in sftp(shelf, "ls -1\n").split() if name.startswith("FK-")) != [f"{case}.handover.json", f"{case}.sluss", f"{case}.sluss.sha256"]:
            sys.exit("the folder shows something else than one delivery: " + sftp(shelf, "ls -1\n"))
    sftp(shelves[-1], f"get {case}.sluss\nget {case}.sluss.sha256\nget {case}.handover.json\n")
    whole = (folder / f"{case}.sluss").read_bytes()
    (folder / f"{case}.sluss").write_bytes(whole[:len(whole) // 2])
    sftp(shelves[0], f"reget {case}.sluss\n")
    subprocess.run(["sha256sum", "--check", "--strict", f"{case}.sluss.sha256"], cwd=folder, check=True, capture_output=True)
    for order in ("put elin_ssh.pub", f"rm {case}.sluss", "get /etc/passwd", f"chmod 777 {case}.sluss"):
        sftp(shelves[0], order.replace("elin_ssh.pub", f"{key}.pub") + "\n", allowed=(1,))
    shell = subprocess.run(["ssh", "-i", key, "-o", "IdentitiesOnly=yes", "-o", f"UserKnownHostsFile={known}", "-p", shelves[0].rsplit(":")[1], "127.0.0.1", "id"], capture_output=True, text=True, timeout=60)
    if shell.returncode == 0 or "uid" in shell.stdout:
        sys.exit("a command is carried out: " + shell.stdout)
    return whole, json.loads((folder / f"{case}.handover.json").read_text())


def stop():
    shelves.clear()
    while counters:
        c = counters.pop()
        c.terminate()
        c.wait(20)


class Browsers:
    """People with passkeys in browsers of their own (tools/crawl/keyholder.mjs)."""

    def __init__(self, folder):
        spki = subprocess.run("openssl x509 -in cert.pem -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | openssl base64", shell=True, check=True, cwd=folder, capture_output=True, text=True).stdout.strip()
        script = pathlib.Path(__file__).parent / "crawl" / "keyholder.mjs"
        self.node = subprocess.Popen(["node", str(script), str(folder / "cert.pem"), str(folder / "key.pem"), spki], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.origin = json.loads(self.node.stdout.readline())["origin"]

    def ask(self, **order):
        print(json.dumps(order), file=self.node.stdin, flush=True)
        answer = json.loads(self.node.stdout.readline() or '{"error": "the browser is gone"}')
        if "error" in answer:
            sys.exit(f"{answer['error']}\n{answer.get('page', '')}")
        return answer

    def end(self):
        self.node.stdin.close()
        self.node.wait(20)


class Post(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it is sent, by address."""

    daemon_threads = True

    class Letter(socketserver.StreamRequestHandler):
        def handle(self):
            to = []
            self.say("220 post")
            for line in iter(self.rfile.readline, b""):
                verb = line[:4].upper()
                if verb == b"RCPT":
                    to.append(line.decode().split("<", 1)[1].split(">", 1)[0])
                if verb == b"DATA":
                    self.say("354 go on")
                    text = b""
                    while not text.endswith(b"\r\n.\r\n"):
                        text += self.rfile.readline()
                    for address in to:
                        self.server.letters.append((address, text))
                self.say("221 bye" if verb == b"QUIT" else "250 ok")
                if verb == b"QUIT":
                    return

        def say(self, line):
            self.wfile.write(line.encode() + b"\r\n")

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Letter)
        self.letters = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def link(self, address):
        """The one-time link in the last letter to an address."""
        for _ in range(100):
            for to, raw in reversed(self.letters):
                text = "\n".join(part.get_content() for part in email.message_from_bytes(raw, policy=email.policy.default).walk() if part.get_content_type() == "text/plain")
                if to == address and (found := re.search(r"https://\S+/login/link\S+", text)):
                    return found.group()
            time.sleep(0.1)
        sys.exit(f"no link came: {len(self.letters)} letters")


browsers = Browsers(given.passkeys) if given.passkeys else None
post = Post() if browsers else None
if browsers:
    more += ["--origin", browsers.origin, "--smtp", "smtp+plain://127.0.0.1:%d" % post.server_address[1], "--mail-from", "registerdata@authority.example"]


def enrol():
    """Lets the holders in by invitation, has them make passkeys and log in with
    them, and takes what they will sign with to both lists of signers, as people
    would: the line as a file, the fingerprint as they read it aloud."""
    browsers.ask(at=bases[0])
    for name, role in HOLDERS.items():
        run("sluss", "staff", "set", name, *where, "--by", "operator", "--name", name.capitalize(), "--role", role)
        at = [*where, "--origin", browsers.origin]
        account = run("sluss", "account", "add", *at, "--staff", name, "--name", name.capitalize()).strip()
        invited = subprocess.run([str(BIN / "sluss"), "account", "invite", *map(str, at), account], capture_output=True, text=True, check=True, env={**os.environ, "SLUSS_LANG": "en"})
        link, code = invited.stdout.strip(), invited.stderr.split("The code ", 1)[1].split()[0]
        level = browsers.ask(who=name, do="enter", link=link, code=code)["level"]
        if level != 3:
            sys.exit(f"{name} logs in at level {level}, want 3")
        made = browsers.ask(who=name, do="enrol")
        (WORK / f"{name}.json").write_text(made["made"])
        wrong = subprocess.run([str(BIN / "sluss-engine"), "signer", "add", str(WORK / f"{name}.json"), "--signers", str(WORK / "vault-signers.json"), "--name", name, "--role", role, "--fingerprint", "0000-" * 7 + "0000"], capture_output=True)
        if wrong.returncode == 0:
            sys.exit("a signer is added with a fingerprint that nobody read")
        run("sluss-engine", "signer", "add", WORK / f"{name}.json", "--signers", WORK / "vault-signers.json", "--name", name, "--role", role, "--fingerprint", made["fingerprint"])
        signers.append(next(s for s in json.loads((WORK / "vault-signers.json").read_text()) if s["name"] == name))
    (WORK / "signers.json").write_text(json.dumps(signers))
    stop()
    bases[:] = [start()] + ([start()] if DATABASE else [])
    browsers.ask(at=bases[0])
    step("bo and ylva made passkeys in a browser, logged in with them at level 3, and stand in both lists of signers")


def ordered_in_browser():
    """The orderer comes by a link from a letter, which counts once and only in
    the browser that asked for it, and begins an order in the catalogue."""
    browsers.ask(who="elin", do="ask", email="elin@sjolunda.example")
    link = post.link("elin@sjolunda.example")
    stranger = browsers.ask(who="stranger", do="open", path=link)
    if "elin" in stranger["said"].lower():
        sys.exit("a link lets another browser in")
    if browsers.ask(who="elin", do="follow", link=link)["path"].startswith("/login"):
        sys.exit("the link does not lead in")
    draft = browsers.ask(who="elin", do="basket", register="midas_sjuk", variables=["from_datum", "nettodagar"])["path"]
    if not draft.startswith("/drafts/"):
        sys.exit(f"the basket leads to {draft}")
    if browsers.ask(who="stranger", do="open", path=browsers.origin + draft)["said"] == browsers.ask(who="elin", do="open", path=browsers.origin + draft)["said"]:
        sys.exit("a stranger reads the draft")
    step("elin came by a one-time link over SMTP and began an order in the catalogue")


def signed_in_browser(who, page, send):
    """Has somebody sign what a page shows. The passkey for logging in, which a
    counter that has been taken over could ask for, counts for nothing."""
    browsers.ask(who=who, do="login")
    if not browsers.ask(who=who, do="swap", page=page, send=send)["refused"]:
        sys.exit(f"{who}: the passkey for logging in signs")
    answer = browsers.ask(who=who, do="sign", page=page, send=send)
    if answer["status"] not in (200, 302, 303):
        sys.exit(f"{who} signs at {page}: {answer['status']}\n{answer['said'][:1500]}")


try:
    bases = [start()] + ([start()] if DATABASE else [])
    home.let_in()

    def ask(who, method, path, body=None, raw=None, want=(200, 201, 202, 204), name=""):
        bases.append(bases.pop(0))
        status, answer = home.send(bases[0], who, method, path, body, raw, name)
        if status not in want:
            sys.exit(f"{who} {method} {path}: {status} {str(answer)[:600]}")
        return answer

    def do(who, command, **body):
        return ask(who, "POST", f"/api/v1/orders/{case}/commands/{command}", body)

    def pull():
        run("sluss-engine", *home.pulling(bases[0])[1:], "--once")

    def until(member, test):
        for _ in range(60):
            pull()
            c = ask("karin", "GET", f"/api/v1/orders/{case}")
            if test(c):
                return c
            time.sleep(0.3)
        sys.exit(f"waited in vain for {member}: {json.dumps(c)[:800]}")

    if browsers:
        enrol()
        ordered_in_browser()
    draft = ask("elin", "POST", "/api/v1/drafts", {"answers": {}})
    draft_id = draft["id"]

    def attach(kind, name):
        r = ask("elin", "POST", f"/api/v1/drafts/{draft_id}/attachments?kind={kind}", raw=("Ett påhittat dokument: " + name).encode(), name=name)
        return r.get("id") or r.get("attachment", {}).get("id"), r

    first, a = attach("ethics_application", "Etikansokan.txt")
    second, b = attach("ethics_decision", "Etikbeslut.txt")
    application = house.attached(house.application("Sjukfrånvaro kring en händelse"), {"id": first, **a}, {"id": second, **b})
    saved = ask("elin", "PUT", f"/api/v1/drafts/{draft_id}", {"version": draft.get("version", 1), "answers": application})
    case = ask("elin", "POST", f"/api/v1/drafts/{draft_id}/submit", {"version": saved["version"]})["id"]
    step(f"{case} submitted")
    do("karin", "acknowledge")
    do("karin", "confirm_complete")
    do("karin", "draft_quote", terms=terms())
    do("elin", "agree_draft", hash=ask("elin", "GET", f"/api/v1/orders/{case}")["draft"]["hash"])
    sheet = ask("petra", "GET", f"/api/v1/orders/{case}/worksheet")
    answers = house.reviewed(sheet)
    do("petra", "record_review", answers=answers)
    step(f"reviewed: {len(answers)} questions answered")
    do("elin", "register_recipient_key", key=recipient)
    do("karin", "confirm_recipient_key", fingerprint=home.recipient["fingerprint"], channel="phone", **{"with": "Elin"})
    if browsers:
        signed_in_browser("bo", f"/cases/{case}/decide", "/decide")
    else:
        prepared = ask("bo", "POST", f"/api/v1/orders/{case}/prepare/decision", house.decision(recipient, home.fingerprint))
        do("bo", "decide", decision=prepared["decision"], quote=prepared["quote"], note=home.sign("bo", prepared["decision"]))
    do("karin", "dispatch_decision")
    do("ragnar", "accept_quote", hash=ask("ragnar", "GET", f"/api/v1/orders/{case}")["quote"]["hash"])
    step("decided, signed, dispatched, accepted")
    do("karin", "call_population", supplier="scb", reference="SCB-1", opens=str(today()), closes=str(today() + 30 * DAY))
    population = (WORK / "registers" / "population" / "indexdatum.csv").read_bytes()
    ask("scb", "PUT", f"/api/v1/orders/{case}/population", raw=population)
    c = until("the population's check", lambda c: c.get("population", {}).get("checked"))
    step(f"population checked: {c['population'].get('persons')} persons")
    prepared = ask("sten", "POST", f"/api/v1/orders/{case}/prepare/specification", house.specification(home.snapshot))
    do("sten", "order_extraction", spec=prepared["spec"], note=home.sign("sten", prepared["sign"]))
    until("the extraction", lambda c: c["phase"] == "release")
    release = ask("ylva", "POST", f"/api/v1/orders/{case}/prepare/release", {})["sign"]
    do("elin", "choose_route", route="environment", environment=ENVIRONMENT)
    if browsers:
        signed_in_browser("ylva", f"/cases/{case}/release", "/release")
    else:
        do("ylva", "release", manifest=release["manifest"], note=home.sign("ylva", release))
    until("the delivery", lambda c: c["phase"] == "delivered")
    home.tokens["miljön"] = run("sluss", "token", "create", *where, "--actor", "elin", "--role", "orderer", "--email", "elin@sjolunda.example",
                                "--case", case, "--scope", "parcel:fetch", "--scope", "parcel:receipt", "--expires", today() + DAY).split()[-1]
    parcel = ask("miljön", "GET", f"/api/v1/orders/{case}/parcel")
    (WORK / f"{case}.sluss").write_bytes(parcel)
    opened = run("sluss", "open", WORK / f"{case}.sluss", "--identity", WORK / "recipient.txt", "--signer", home.fingerprint, "--out", WORK / "opened")
    rows = len((WORK / "opened" / "fall.csv").read_text().splitlines()) - 1
    ask("miljön", "GET", f"/api/v1/orders/{case}", want=(403,))
    paper = ask("miljön", "GET", f"/api/v1/orders/{case}/handover")
    whole, other = fetched_by_sftp(case)
    if whole != parcel or other != paper or paper["environment"] != ENVIRONMENT or paper["conditions"]["environment"] != "secure" or paper["parcel"]["sealed_to"] != recipient:
        sys.exit(f"handed over: {paper}")
    ask("miljön", "POST", f"/api/v1/orders/{case}/handover/receipt", {"manifest": "0" * 64}, want=(403, 409, 422))
    if paper["parcel"]["manifest"] != release["manifest"]:
        sys.exit("the hand-over names another manifest")
    ask("miljön", "POST", f"/api/v1/orders/{case}/handover/receipt", {"manifest": paper["parcel"]["manifest"]})
    step(f"handed over to a secure environment, by HTTPS and SFTP, opened and verified: {rows} spells")
    clocks = ask("elin", "GET", f"/api/v1/orders/{case}/clocks")
    reads = ask("ada", "GET", f"/api/v1/orders/{case}/reads")
    if not clocks or not reads:
        sys.exit("no clocks or reads")
    looked = run("sluss-engine", "check", *home.pulling(bases[0])[2:], "--deep", "--backup-hours", "0")
    if "the counter answers the vault" not in looked or "the clocks differ by" not in looked:
        sys.exit("the vault's doctor did not ask the counter")
    step(f"the vault's doctor: {len(looked.splitlines())} findings, nothing wrong")
finally:
    stop()
    if browsers:
        browsers.end()
verified = run("sluss", "audit", "verify", *(["--database", DATABASE] if DATABASE else ["--state", WORK / "counter"]), "--key", WORK / "counter" / "counter.pub")
step("log verified: " + verified.strip().splitlines()[0])
print(f"{case}: from draft to opened delivery between {'two counters and a vault' if DATABASE else 'two programs'}; {rows} spells")
