"""Opens a delivery without any code of Sluss and checks that it is what it says.

    read_delivery.py RESULT REGISTERS

RESULT is the folder that `sluss order run` wrote, REGISTERS the synthetic
source files. Checks, each with an assertion that can fail:

  - the parcel is a plain tar; the outer note's Ed25519 signature holds for the
    key whose fingerprint stands in the signed decision
  - the sealed part has the stated hash, and opens with the recipient's key
  - the manifest's signature holds; it is the one that was released
  - every file has the stated size, hash, columns and number of rows, and the
    opened folder holds the same bytes
  - no cell looks like an identity number; no löpnummer is an identity number
  - spells of a person do not overlap
"""

import base64
import csv
import datetime
import hashlib
import io
import json
import re
import sys
import tarfile
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pyrage
import pyreadstat
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TWELVE = re.compile(r"(?<!\d)(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])-?\d{4}(?!\d)")


def fingerprint(public: str) -> str:
    h = hashlib.sha256(public.strip().encode()).hexdigest()[:32]
    return "-".join(h[i : i + 4] for i in range(0, 32, 4))


def open_note(text: str, public: str) -> dict:
    """Checks a signed note (C2SP signed-note) and returns its document."""
    body, _, signatures = text.partition("\n\n")
    body += "\n"
    name, key_hash, key64 = public.strip().split("+", 2)
    key = base64.b64decode(key64)
    assert key[0] == 1, "not an Ed25519 key"
    want = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    assert want.hex() == key_hash, "the key's own hash"
    for line in signatures.strip().splitlines():
        _, signer, sig64 = line.split(" ")
        sig = base64.b64decode(sig64)
        if signer == name and sig[:4] == want:
            Ed25519PublicKey.from_public_bytes(key[1:]).verify(sig[4:], body.encode())
            return json.loads(body)
    raise AssertionError("no signature by the key")


def rows_of(path: Path, entry: dict):
    """Yields the rows of a data file as dicts of text."""
    if entry["format"] == "parquet":
        table = pq.read_table(path)
        assert table.schema.names == [c["name"] for c in entry["columns"]], f"{path.name}: columns"
        for row in table.to_pylist():
            yield {k: "" if v is None else str(v) for k, v in row.items()}
        return
    if entry["format"] != "csv":
        yield from rows_of_program(path, entry)
        return
    how = entry["csv"]
    encoding = {"utf-8": "utf-8", "utf-8-bom": "utf-8-sig", "iso-8859-1": "iso-8859-1"}[how["encoding"]]
    with open(path, encoding=encoding, newline="") as f:
        reader = csv.DictReader(f, delimiter=how["delimiter"])
        assert reader.fieldnames == [c["name"] for c in entry["columns"]], f"{path.name}: columns"
        yield from reader


def rows_of_program(path: Path, entry: dict):
    """Yields the rows of a Stata, SPSS or SAS file as dicts of text."""
    if entry["format"] == "dta":
        df = pd.read_stata(path, convert_categoricals=False)
    elif entry["format"] == "xpt":
        df = pd.read_sas(path, format="xport", encoding="iso-8859-1")
    else:
        df = pyreadstat.read_sav(str(path), formats_as_category=False)[0]
    names = [c["name"] for c in entry["columns"]]
    if entry["format"] != "xpt":  # whose names are shortened: docs/formats.md
        assert list(df.columns) == names, f"{path.name}: columns"
    assert len(df.columns) == len(names), f"{path.name}: columns"
    kinds = [c["type"] for c in entry["columns"]]
    for row in df.itertuples(index=False, name=None):
        out = {}
        for name, kind, v in zip(names, kinds, row):
            if pd.isna(v):
                out[name] = ""
            elif kind == "date" and entry["format"] == "xpt":
                out[name] = str(datetime.date(1960, 1, 1) + datetime.timedelta(days=int(v)))
            elif kind == "date":
                out[name] = str(v)[:10]
            elif isinstance(v, str):
                out[name] = v
            else:
                out[name] = str(int(v)) if float(v).is_integer() else str(v)
        yield out


def main(result: Path, registers: Path) -> None:
    case = json.loads((result / "case.json").read_text())
    recipient = result / "recipient"
    decision_text = (result / "decision.note").read_text()
    decision = json.loads(decision_text.split("\n", 1)[0])
    vault = case["vault_signer"]
    assert fingerprint(vault) == decision["scope"]["recipient"]["signer"], "the decision states another signer"

    (parcel,) = recipient.glob("*.sluss")
    with tarfile.open(parcel) as outer_tar:
        outer_text = outer_tar.extractfile("OUTER").read().decode()
        sealed = outer_tar.extractfile("sealed.age").read()
    outer = open_note(outer_text, vault)
    assert outer["order"] == case["order"]
    assert hashlib.sha256(sealed).hexdigest() == outer["sha256"], "ciphertext"

    identity = [l for l in (recipient / "identity.txt").read_text().splitlines() if l.startswith("AGE-SECRET-KEY")][0]
    plain = pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(identity)])
    with tarfile.open(fileobj=io.BytesIO(plain)) as inner:
        files = {m.name: inner.extractfile(m).read() for m in inner.getmembers()}
    manifest_text = files.pop("MANIFEST").decode()
    manifest = open_note(manifest_text, vault)
    digest = hashlib.sha256(manifest_text.split("\n", 1)[0].encode()).hexdigest()
    assert digest == outer["manifest"], "inner and outer note"
    released = json.loads((result / "extraction.json").read_text())
    assert digest == released["manifest"], "another manifest was released"
    assert manifest["spec"] == released["spec"]
    assert {f["name"] for f in manifest["files"]} == set(files), "a file too many or too few"

    numbers = {
        r[0] for r in duckdb.sql(f"SELECT id_value FROM read_parquet('{registers}/identity.parquet')").fetchall()
    }
    assert len(numbers) > 1000
    total = 0
    for entry in manifest["files"]:
        content = files[entry["name"]]
        assert len(content) == entry["bytes"], entry["name"]
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], entry["name"]
        on_disk = recipient / "data" / entry["name"]
        assert on_disk.read_bytes() == content, entry["name"]
        if entry["role"] != "data":
            continue
        if entry["format"] == "parquet":
            (n,) = duckdb.sql(f"SELECT count(*) FROM read_parquet('{on_disk}')").fetchone()
            assert n == entry["rows"], f"{entry['name']}: DuckDB counts {n}"
        count, last_end = 0, {}
        id_column = next(c["name"] for c in entry["columns"] if c["type"] == "id")
        persons = set()
        start = next((c["name"] for c in entry["columns"] if c["variable"] == "from_datum"), None)
        end = next((c["name"] for c in entry["columns"] if c["variable"] == "tom_datum"), None)
        for row in rows_of(on_disk, entry):
            count += 1
            who = row[id_column]
            persons.add(who)
            for cell in row.values():
                assert not TWELVE.search(cell) or cell.replace("-", "") not in numbers, "an identity number"
                assert cell not in numbers, "an identity number"
            if entry["shape"] in ("spell", "subspell") and start and end:
                assert last_end.get(who, "") < row[start], "spells overlap"
                last_end[who] = row[end] or "9999-12-31"
        assert count == entry["rows"], f"{entry['name']}: {count} rows, {entry['rows']} stated"
        assert len(persons) == entry["persons"], f"{entry['name']}: {len(persons)} persons, {entry['persons']} stated"
        total += count
    assert total > 0, "an empty delivery"
    protocol = open_note((result / "gallringsprotokoll.note").read_text(), vault)
    assert protocol["order"] == case["order"] and protocol["objects"] and protocol["rule"]
    print(f"         {case['order']}: {len(manifest['files'])} files, {total} rows, protocol of {len(protocol['objects'])} objects")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
