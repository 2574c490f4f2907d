"""Verifies an exported log of orders without any code of Sluss.

    verify_audit.py EXPORT [--key KEY] [--checkpoint FILE]...

EXPORT is the file that `sluss audit export` wrote. KEY is the log's public key
(text name+hash+base64, or a file with it), which should come from somewhere
else than the export. FILE is a checkpoint that somebody outside has kept.

Checks, from the bytes up:

  - every entry's commitment is SHA-256(salt + record), byte for byte; an entry
    whose content was erased is named by a later erasure in the log, with the
    hash of what was left
  - places are 0, 1, 2, …; the entries of each order have versions 1, 2, 3, …
  - the Merkle root (RFC 6962) of the first n commitments is what each
    checkpoint of n entries says, and the Ed25519 signature under it holds
  - the last checkpoint covers the last entry
  - every checkpoint from outside is one of this log

Exit code 0: all holds. 1: something does not; each finding on a line.
Needs the module cryptography.
"""

import argparse
import base64
import hashlib
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

findings: list[str] = []


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


class Key:
    """A key of a signed note: name, 4 bytes of key hash, Ed25519 key."""

    def __init__(self, text: str):
        name, key_id, blob = text.strip().split("+", 2)
        raw = base64.b64decode(blob, validate=True)
        if raw[0] != 1 or len(raw) != 33 or sha(name.encode(), b"\n", raw)[:4].hex() != key_id:
            raise ValueError("not an Ed25519 key of a signed note")
        self.name, self.id, self.public = name, bytes.fromhex(key_id), Ed25519PublicKey.from_public_bytes(raw[1:])

    def open(self, note: str) -> tuple[int, bytes]:
        """Returns size and root of a signed checkpoint, or raises ValueError."""
        text, _, signatures = note.rpartition("\n\n")
        text += "\n"
        for line in signatures.splitlines():
            dash, name, blob = line.split(" ")
            raw = base64.b64decode(blob, validate=True)
            if dash != "\u2014" or name != self.name or raw[:4] != self.id:
                continue
            try:
                self.public.verify(raw[4:], text.encode())
            except InvalidSignature:
                break
            origin, size, root = text.split("\n")[:3]
            if origin != self.name or str(int(size)) != size:
                break
            return int(size), base64.b64decode(root, validate=True)
        raise ValueError("no valid signature of the log's key")


class Tree:
    """Roots of a growing list of leaves: the complete subtrees from the left."""

    def __init__(self):
        self.size, self.peaks = 0, []  # (height, hash)

    def add(self, commitment: bytes):
        height, node = 0, sha(b"\0", commitment)
        while self.peaks and self.peaks[-1][0] == height:
            node = sha(b"\1", self.peaks.pop()[1], node)
            height += 1
        self.peaks.append((height, node))
        self.size += 1

    def root(self) -> bytes:
        if not self.peaks:
            return sha()
        node = self.peaks[-1][1]
        for _, left in reversed(self.peaks[:-1]):
            node = sha(b"\1", left, node)
        return node


def walk(lines, with_content: bool):
    """Checks the entries; returns the root at every size and the checkpoints."""
    tree, roots, checkpoints = Tree(), [sha()], []
    versions: dict[str, int] = {}
    erased: dict[tuple[str, int], str] = {}
    grounds: dict[tuple[str, int], str] = {}
    for n, line in enumerate(lines, start=2):
        try:
            row = json.loads(line)
            if "checkpoint" in row:
                checkpoints.append(row["checkpoint"])
                continue
            commitment = bytes.fromhex(row["leaf"])
            if len(commitment) != 32 or row["leaf"] != row["leaf"].lower():
                raise ValueError("leaf")
            if row["seq"] != tree.size:
                findings.append(f"line {n}: place {row['seq']}, expected {tree.size}")
            if with_content:
                record = json.loads(row["record"])
                place = (record["stream"], record["version"])
                if record["version"] != versions.get(place[0], 0) + 1:
                    findings.append(f"line {n}: {place[0]} version {place[1]} out of order")
                versions[place[0]] = record["version"]
                if row.get("erased"):
                    erased[place] = hashlib.sha256(row["record"].encode()).hexdigest()
                elif sha(bytes.fromhex(row["salt"]), row["record"].encode()) != commitment:
                    findings.append(f"line {n}: {place[0]} version {place[1]} has been changed")
                elif record["type"] == "content_erased" and place[0] == "erasures/" + record["data"]["stream"]:
                    grounds[record["data"]["stream"], record["data"]["version"]] = record["data"]["left"]
            tree.add(commitment)
            roots.append(tree.root())
        except (ValueError, KeyError, TypeError) as e:
            findings.append(f"line {n}: cannot be read ({type(e).__name__})")
    for place, left in erased.items():
        if grounds.get(place) != left or place[0].startswith("erasures/"):
            findings.append(f"{place[0]} version {place[1]}: the content is gone without a logged ground")
    return roots, checkpoints, len(erased)


def holds(key: Key, note: str, roots: list[bytes], what: str) -> int:
    """Checks one checkpoint; returns its size, -1 when it does not count."""
    try:
        size, root = key.open(note)
    except (ValueError, IndexError) as e:
        findings.append(f"{what}: {e}")
        return -1
    if size >= len(roots):
        findings.append(f"{what}: the log has been cut: {size} entries were seen, here are {len(roots) - 1}")
    elif roots[size] != root:
        findings.append(f"{what}: does not follow from the entries")
    return size


def main() -> int:
    args = argparse.ArgumentParser(description="Verify an exported log of orders.")
    args.add_argument("export", type=Path)
    args.add_argument("--key")
    args.add_argument("--checkpoint", type=Path, action="append", default=[])
    a = args.parse_args()
    try:
        lines = a.export.read_text(encoding="utf-8").split("\n")
        if lines.pop() != "":
            findings.append("the file is cut")
        head = json.loads(lines[0])
        if head["format"] != "sluss/audit-export/v1":
            raise ValueError("unknown format")
        text = head["key"] if a.key is None else a.key
        key = Key(Path(text).read_text() if a.key and Path(text).is_file() else text)
    except (ValueError, KeyError, TypeError, IndexError) as e:
        print(f"cannot be read: {e}")
        return 1
    content = not any('"leaf"' in x and '"record"' not in x for x in lines[1:2])
    roots, checkpoints, erased = walk(lines[1:], content)
    last = 0
    for i, note in enumerate(checkpoints):
        last = max(last, holds(key, note, roots, f"checkpoint {i + 1}"))
    if last != len(roots) - 1:
        findings.append(f"the last checkpoint covers {last} entries, the log has {len(roots) - 1}")
    for path in a.checkpoint:
        holds(key, path.read_text(encoding="utf-8"), roots, f"the witness's checkpoint {path.name}")
    for f in findings:
        print(f)
    if findings:
        return 1
    print(f"{len(roots) - 1} entries ({erased} erased), {len(checkpoints)} checkpoints, {len(a.checkpoint)} witnesses: all hold")
    return 0


if __name__ == "__main__":
    sys.exit(main())
