"""A counter, Dovecot and clamd: mail and forms that come in, clean and not.

fetch.py BIN WORK. Everything runs as the user who starts it, on ports of its
own, and is ended before the program ends.
"""

import hashlib
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request

BIN, WORK = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
BAD = b"this file stands for something malicious " * 3
running = []


def port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def write(name, text, mode=0o644):
    path = os.path.join(WORK, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())
    os.chmod(path, mode)
    return path


def start(name, *command, **kw):
    log = open(os.path.join(WORK, name + ".log"), "wb")
    running.append(subprocess.Popen(command, stdout=log, stderr=log, **kw))
    return running[-1]


def until(what, test, seconds=30):
    end = time.time() + seconds
    while time.time() < end:
        try:
            if got := test():
                return got
        except (OSError, sqlite3.Error):
            pass
        time.sleep(0.2)
    raise SystemExit(f"FAILED: {what}")


def listens(p):
    with socket.create_connection(("127.0.0.1", p), 1):
        return True


def mail(subject, number, attachment=b""):
    text = f"Message-ID: <{number}@x.example>\r\nFrom: e@x.example\r\nDate: Mon, 2 Nov 2026 10:00:00 +0100\r\nSubject: {subject}\r\n".encode()
    if not attachment:
        return text + b"\r\nHej\r\n"
    return text + b"Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\nHej\r\n--B\r\nContent-Disposition: attachment; filename=x.txt\r\nContent-Type: text/plain\r\n\r\n" + attachment + b"\r\n--B--\r\n"


def dovecot(p):
    certificate, key = os.path.join(WORK, "cert.pem"), os.path.join(WORK, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate], check=True, capture_output=True)
    os.makedirs(os.path.join(WORK, "mail/new"))
    os.makedirs(os.path.join(WORK, "mail/cur"))
    os.makedirs(os.path.join(WORK, "mail/tmp"))
    subprocess.run(["chown", "-R", "nobody:nogroup", os.path.join(WORK, "mail")], check=True)
    write("users", "registrator:{PLAIN}secret word:65534:65534::/\n")
    config = write("dovecot.conf", f"""
base_dir = {WORK}/run
state_dir = {WORK}/run
log_path = {WORK}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
first_valid_uid = 1
mail_location = maildir:{WORK}/mail
passdb {{
  driver = passwd-file
  args = {WORK}/users
}}
userdb {{
  driver = passwd-file
  args = {WORK}/users
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {p}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
""")
    start("dovecot-main", "dovecot", "-F", "-c", config)
    until("Dovecot does not listen", lambda: listens(p))
    return certificate


def clamd(p):
    os.makedirs(os.path.join(WORK, "signatures"))
    write("signatures/ours.hsb", f"{hashlib.sha256(BAD).hexdigest()}:{len(BAD)}:Sluss.Test.File:73\n")
    config = write("clamd.conf", f"TCPSocket {p}\nTCPAddr 127.0.0.1\nDatabaseDirectory {WORK}/signatures\nForeground yes\nStreamMaxLength 30M\nUser root\n")
    start("clamd", "clamd", "-c", config)
    until("clamd does not listen", lambda: listens(p))


def put(name, text):
    path = write("mail/tmp/" + name, text)
    os.chown(path, 65534, 65534)
    os.rename(path, os.path.join(WORK, "mail/new", name))


def letters():
    with sqlite3.connect(os.path.join(WORK, "state", "sluss.db")) as db:
        return db.execute("SELECT subject, sealed, reason FROM incoming ORDER BY subject").fetchall()


def forms(at, token, body):
    request = urllib.request.Request(at + "/api/v1/forms/word", body, {"Authorization": "Bearer " + token, "Content-Type": "application/octet-stream"})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as err:
        return err.code, json.load(err)


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK, mode=0o755)
    imap, scan, web = port(), port(), port()
    certificate = dovecot(imap)
    clamd(scan)
    put("1", mail("Rent", 1))
    put("2", mail("Rent igen", 1))  # the same mail twice
    put("3", mail("Skadligt", 3, BAD))
    before = sorted(os.listdir(os.path.join(WORK, "mail/new")))
    environment = dict(os.environ, SSL_CERT_FILE=certificate, SLUSS_IMAP_PASSWORD="secret word", SLUSS_STATE=os.path.join(WORK, "state"))
    vault = subprocess.run([BIN + "/sluss", "keygen", "--out", os.path.join(WORK, "vault.key")], check=True, capture_output=True, text=True).stdout
    vault = next(w for w in vault.split() if w.startswith("age1"))
    command = [BIN + "/sluss", "serve", "--addr", f"127.0.0.1:{web}", "--imap", f"imap://registrator@localhost:{imap}/INBOX", "--scan", f"tcp://127.0.0.1:{scan}", "--vault-key", vault, "--log", "text"]
    counter = start("counter", *command, env=environment)
    got = until("mail does not come in", lambda: len(x := letters()) >= 2 and x)
    time.sleep(1)
    if letters() != [("Rent", 0, ""), ("Skadligt", 1, "scan.found Sluss.Test.File.UNOFFICIAL")]:
        raise SystemExit(f"FAILED: the list is {letters()}")
    token = subprocess.run([BIN + "/sluss", "token", "create", "--actor", "ester", "--role", "orderer", "--scope", "orders:read", "--expires", time.strftime("%Y-%m-%d", time.gmtime(time.time() + 2 * 86400))], env=environment, capture_output=True, text=True)
    token = next((w for w in token.stdout.split() if len(w) > 20), "")
    at = f"http://127.0.0.1:{web}"
    said = []
    if token:
        said.append(forms(at, token, BAD)[1].get("code"))
        said.append(forms(at, token, b"clean")[1].get("code"))
        if said != ["scan.found", "wordform.unreadable"]:
            raise SystemExit(f"FAILED: forms: {said}")
    checked = subprocess.run([BIN + "/sluss", "check", "--imap", command[5], "--scan", command[7]], env=environment, capture_output=True, text=True).stdout
    for line in ("ok    the mailbox answers", "ok    the virus scanner answers"):
        if line not in checked:
            raise SystemExit(f"FAILED: the doctor does not say {line!r}")
    after = sorted(os.listdir(os.path.join(WORK, "mail/new"))) + sorted(os.listdir(os.path.join(WORK, "mail/cur")))
    if sorted(n.split(":")[0] for n in after) != before or any("S" in n.partition(":2,")[2] for n in after):
        raise SystemExit(f"FAILED: the mailbox is changed: {after}")
    running.pop(1).terminate()  # the scanner is gone
    time.sleep(1)
    put("4", mail("Senare", 4))
    if token and forms(at, token, b"clean")[1].get("code") != "scan.later":
        raise SystemExit("FAILED: a form is read without the scanner")
    counter.terminate()
    counter.wait(30)
    running.remove(counter)
    start("counter-again", *command, env=environment)
    time.sleep(3)
    if len(letters()) != 2:
        raise SystemExit("FAILED: mail is taken unseen, or again after a restart")
    log = open(os.path.join(WORK, "counter.log")).read()
    if hashlib.sha256(BAD).hexdigest() not in log and "Sluss.Test.File" not in log:
        raise SystemExit("FAILED: the log does not tell what was found")
    print(f"{len(got)} mails from Dovecot by STARTTLS, one of them malicious and kept apart; the same again, a restart and a scanner that is gone change nothing; the mailbox as it was" + ("" if said else "; forms not tried"))


try:
    main()
finally:
    for p in reversed(running):
        p.terminate()
    for p in running:
        try:
            p.wait(10)
        except subprocess.TimeoutExpired:
            p.kill()
