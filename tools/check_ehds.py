"""Applications, permits and hand-overs of every case against their JSON schemas.

    check_ehds.py SLUSS STATE LOG

SLUSS is the program, STATE the counter's folder, LOG its exported log, which
names the cases. jsonschema (Python) judges; documents with something taken out
or added must be refused.
"""
import json
import re
import subprocess
import sys

import jsonschema

program, state, log = sys.argv[1:]


def run(*args):
    done = subprocess.run([program, "ehds", *args], capture_output=True, text=True, timeout=60)
    if done.returncode == 0:
        return json.loads(done.stdout)
    if done.returncode != 2 or not done.stderr.startswith("ehds.no_"):
        sys.exit(f"{args}: {done.returncode} {done.stderr}")
    return None


records = (json.loads(line).get("record") for line in open(log, encoding="utf-8"))
streams = {json.loads(r)["stream"] for r in records if r}
cases = sorted(x for x in streams if re.fullmatch(r"[A-Z]+-\d{4}-\d{5}", x))
count = {}
for kind, many in (("application", "datasets"), ("permit", "datasets"), ("handover", "files")):
    schema = run("schema", kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    judge = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    for case in cases:
        doc = run(kind, case, "--state", state)
        if doc is None:
            continue
        count[kind] = count.get(kind, 0) + 1
        for fault in judge.iter_errors(doc):
            sys.exit(f"{kind} of {case}: {fault.json_path}: {fault.message}")
        for member in schema["required"]:
            if judge.is_valid({k: v for k, v in doc.items() if k != member}):
                sys.exit(f"{kind} of {case}: valid without {member}")
        if judge.is_valid({**doc, "more": 1}) or judge.is_valid({**doc, many: []}):
            sys.exit(f"{kind} of {case}: valid with what is unknown, or without data")
if not all(count.get(k) for k in ("application", "permit", "handover")):
    sys.exit(f"{len(cases)} cases, {count}: nothing was looked at")
print(f"{count['application']} applications and {count['permit']} permits and {count['handover']} hand-overs of {len(cases)} cases")
