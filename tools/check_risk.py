"""Checks `sluss-engine risk` against an implementation that shares no code with
it: the definitions written down once more in plain Python, with exact
fractions where they matter, and every set of columns tried for SUDA.

    check_risk.py sluss-engine [FILES [SEED]]

Makes at least 200 random files that cover every option, and compares counts
exactly and measures to twelve digits.
"""

import csv
import itertools
import json
import math
import random
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from fractions import Fraction
from pathlib import Path

TOLERANCE = 1e-9


def as_number(text):
    """A plain decimal number, or None."""
    import re

    if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text, re.ASCII):
        return Fraction(text) if not text.endswith(".") else Fraction(text + "0")
    return None


def in_order(values):
    """Distinct values: NULL, then numbers by size, or else all bytewise."""
    rest = [v for v in values if v != ""]
    if all(as_number(v) is not None for v in rest):
        rest.sort(key=lambda v: (as_number(v), v.encode()))
    else:
        rest.sort(key=lambda v: v.encode())
    return ([""] if "" in values else []) + rest


def weighted(f, big_f):
    """Individual risk from a class of f records with weights that add up to F."""
    if big_f <= f:
        return 1 / f
    p = f / big_f
    if f == 1:
        return p / (1 - p) * math.log(1 / p)
    if f == 2:
        return p / (1 - p) - (p / (1 - p)) ** 2 * math.log(1 / p)
    return p / (f - (1 - p))


def suda(keys):
    """Score of every record: (m-s)! for each minimal set of s columns."""
    m = len(keys[0])
    unique_by = defaultdict(list)
    for size in range(1, m + 1):
        for columns in itertools.combinations(range(m), size):
            part = [tuple(k[c] for c in columns) for k in keys]
            for row, n in enumerate(map(Counter(part).__getitem__, part)):
                if n == 1 and not any(set(old) <= set(columns) for old in unique_by[row]):
                    unique_by[row].append(columns)
    return [sum(math.factorial(m - len(s)) for s in unique_by[row]) for row in range(len(keys))]


def dis_suda(scores, f_of, m, fraction):
    pairs = sum(1 for f in f_of if f == 2)
    if fraction is None or pairs == 0:
        return None
    uniques = [s for s, f in zip(scores, f_of) if f == 1]
    if not uniques:
        return [0] * len(scores)
    u = len(uniques)
    dis = u * fraction / (u * fraction + pairs * (1 - fraction))
    q = 1 + (8 - m) / 20
    a = sum(s ** -q for s in uniques)
    return [1 / (1 + (u / dis - u) / (s**q * a)) if s else 0 for s in scores]


def closeness(classes, sensitive, ordered):
    n = len(sensitive)
    everybody, worst = Counter(sensitive), Fraction(0)
    values = in_order(set(sensitive))
    for rows in classes.values():
        here = Counter(sensitive[r] for r in rows)
        gaps = [Fraction(here[v], len(rows)) - Fraction(everybody[v], n) for v in values]
        if not ordered:
            d = sum(map(abs, gaps)) / 2
        elif len(values) == 1:
            d = Fraction(0)
        else:
            d = sum(map(abs, itertools.accumulate(gaps))) / (len(values) - 1)
        worst = max(worst, d)
    return float(worst)


def diversity(classes, sensitive):
    distinct, entropy = [], []
    for rows in classes.values():
        here = Counter(sensitive[r] for r in rows)
        distinct.append(len(here))
        entropy.append(math.exp(-sum(c / len(rows) * math.log(c / len(rows)) for c in here.values())))
    return {"distinct": min(distinct), "entropy": min(entropy)}


def trajectories(rows, person, period, values):
    """A person's sequence: what all rows of a period say, period by period."""
    place = {v: i for i, v in enumerate(in_order({r[period] for r in rows}))}
    by = defaultdict(lambda: defaultdict(Counter))
    for r in rows:
        by[r[person]][place[r[period]]][tuple(r[v] for v in values)] += 1
    sequences = [[(t, frozenset(what.items())) for t, what in sorted(periods.items())] for periods in by.values()]

    def alone(cut):
        return sum(1 for n in Counter(tuple(s[:cut]) for s in sequences).values() if n == 1)

    n, whole = len(by), alone(None)
    return {
        "persons": n, "unique": whole, "share": whole / n,
        "first": [{"periods": i, "unique": alone(i), "share": alone(i) / n} for i in (1, 2, 3)],
    }


def differencing(keys, before):
    now, old = Counter(keys), Counter(before)
    change = [now[k] - old[k] for k in now.keys() | old.keys()]
    small = [abs(d) for d in change if 1 <= abs(d) < 5]
    return {
        "classes": len(small), "records": sum(small),
        "added": sum(d for d in change if d > 0), "removed": -sum(d for d in change if d < 0),
    }


def measure(rows, case):
    """The whole answer, member by member, as the contract has it."""
    qi, n = case["qi"], len(rows)
    keys = [tuple(r[c] for c in qi) for r in rows]
    classes = defaultdict(list)
    for i, k in enumerate(keys):
        classes[k].append(i)
    f_of = [len(classes[k]) for k in keys]
    threshold = case.get("threshold", 0.2)
    population = Counter(case["population"]) if "population" in case else None
    weight = {k: sum(float(rows[r]["w"]) for r in rs) for k, rs in classes.items()} if case.get("weight") else None
    if population is not None:
        big = {k: population[k] for k in classes}
        if min(big.values()) == 0:
            return None
    else:
        big = weight or {k: len(rs) for k, rs in classes.items()}
    if weight:
        individual = [weighted(f, weight[k]) for f, k in zip(f_of, keys)]
    else:
        individual = [1 / (big[k] if population is not None else f) for f, k in zip(f_of, keys)]
    out = {
        "records": n, "classes": len(classes), "k": min(f_of), "uniques": f_of.count(1),
        "below": {str(k): sum(1 for f in f_of if f < k) for k in (2, 3, 5, 10)},
        "prosecutor": {"max": 1 / min(f_of), "mean": len(classes) / n, "share": sum(1 for f in f_of if 1 / f > threshold) / n},
        "journalist": None,
        "marketer": sum(len(rs) / big[k] for k, rs in classes.items()) / n,
        "population_uniques": None,
        "expected_reidentifications": math.fsum(individual),
        "l": None, "t_closeness": None,
    }
    if population is not None:
        risks = [1 / big[k] for k in keys]
        out["journalist"] = {
            "max": max(risks), "share": sum(1 for r in risks if r > threshold) / n,
            "success": max(len(classes) / sum(big.values()), math.fsum(risks) / n),
        }
        out["population_uniques"] = sum(1 for f, k in zip(f_of, keys) if f == 1 and big[k] == 1)
    if "sensitive" in case:
        values = [r[case["sensitive"]] for r in rows]
        out["l"] = diversity(classes, values)
        out["t_closeness"] = closeness(classes, values, case.get("ordered") == case["sensitive"])
    if case.get("per_row"):
        out["individual"] = individual
        out["suda"] = suda(keys)
        out["dis_suda"] = dis_suda(out["suda"], f_of, len(qi), case.get("fraction"))
    if "person" in case:
        out["trajectory"] = trajectories(rows, case["person"], case["period"], [c for c in qi if c not in (case["person"], case["period"])])
    if "previous" in case:
        out["differencing"] = differencing(keys, case["previous"])
    return out


def differences(got, want, path=""):
    if isinstance(want, dict) and isinstance(got, dict):
        if got.keys() != want.keys():
            yield f"{path}: members {sorted(got)} and {sorted(want)}"
        for k in want.keys() & got.keys():
            yield from differences(got[k], want[k], f"{path}.{k}")
    elif isinstance(want, list) and isinstance(got, list):
        if len(got) != len(want):
            yield f"{path}: {len(got)} and {len(want)} entries"
        for i, (g, w) in enumerate(zip(got, want)):
            yield from differences(g, w, f"{path}[{i}]")
    elif isinstance(want, float) and isinstance(got, (int, float)) and not isinstance(got, bool):
        if abs(got - want) > TOLERANCE * max(1, abs(want)):
            yield f"{path}: {got} and {want}"
    elif got != want or type(got) is not type(want) and not isinstance(got, (int, float)):
        yield f"{path}: {got} and {want}"


COLUMNS = ["sex", "age", "mun", "edu", "x y", "å"]
VALUES = [
    ["K", "M"], ["", "1", "2", "10", "9", "-3", "2.5", "1e1"], ["0180", "1480", "1280", "", "a,b"],
    ["1", "2", "3", "4"], ['say "hi"', "two\nlines", "z", ""], ["ä", "Z", "a", "é", "10", "9"],
]


def draw(rnd):
    """A random table and a random question."""
    m = rnd.randint(1, len(COLUMNS))
    qi = rnd.sample(COLUMNS, m)
    n = rnd.choice([1, 2, 5, 20, 60, 200])
    few = rnd.randint(1, 8)
    rows = [dict(zip(COLUMNS, (rnd.choice(v[:few]) for v in VALUES))) for _ in range(n)]
    for r in rows:
        r["w"] = rnd.choice(["1", "1.5", "20", "7e1", "3.25", "400"])
        r["p"] = str(rnd.randint(1, max(1, n // 3)))
        r["t"] = rnd.choice(["2024-01", "2024-02", "2024-03", ""]) if few % 2 else str(rnd.randint(8, 11))
    case = {"qi": qi}
    keys = [tuple(r[c] for c in qi) for r in rows]
    if rnd.random() < 0.6:
        case["sensitive"] = rnd.choice([c for c in COLUMNS if c not in qi] or COLUMNS)
        if rnd.random() < 0.6:
            case["ordered"] = case["sensitive"] if rnd.random() < 0.8 else rnd.choice(COLUMNS)
    if rnd.random() < 0.4:
        case["weight"] = True
    if rnd.random() < 0.4:
        case["population"] = keys * rnd.randint(1, 2) + rnd.choices(keys, k=n) + [tuple(rnd.choice(VALUES[COLUMNS.index(c)]) for c in qi) for _ in range(n)]
        if rnd.random() < 0.15:
            case["population"] = [k for k in case["population"] if k != keys[0]]
        rnd.shuffle(case["population"])
    if rnd.random() < 0.5:
        case["fraction"] = rnd.choice([0.001, 0.01, 0.1, 0.5, 1.0])
    if rnd.random() < 0.5:
        case["threshold"] = rnd.choice([0.0, 0.05, 0.1, 0.2, 1 / 3, 0.5, 1.0])
    case["per_row"] = rnd.random() < 0.75
    if rnd.random() < 0.3:
        case["person"], case["period"] = "p", "t"
    if rnd.random() < 0.3:
        case["previous"] = rnd.choices(keys, k=rnd.randint(1, n + 5)) + [tuple(rnd.choice(VALUES[COLUMNS.index(c)]) for c in qi) for _ in range(3)]
    return rows, case


def write(path, header, rows, rnd):
    with open(path, "w", newline="", encoding=rnd.choice(["utf-8", "utf-8-sig"])) as f:
        w = csv.writer(f, lineterminator=rnd.choice(["\n", "\r\n"]), quoting=rnd.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
        w.writerow(header)
        w.writerows(rows)


def ask(engine, folder, rows, case, rnd):
    header = COLUMNS + ["w", "p", "t"]
    rnd.shuffle(header)
    write(folder / "file.csv", header, [[r[c] for c in header] for r in rows], rnd)
    args = [engine, "risk", str(folder / "file.csv"), "--qi", ",".join(case["qi"]), "--json"]
    for name in ("sensitive", "ordered", "threshold", "person", "period"):
        if name in case:
            args += [f"--{name}", str(case[name])]
    if "fraction" in case:
        args += ["--sampling-fraction", str(case["fraction"])]
    if case.get("weight"):
        args += ["--weight", "w"]
    if case["per_row"]:
        args.append("--per-row")
    for name in ("population", "previous"):
        if name in case:
            order = rnd.sample(range(len(case["qi"])), len(case["qi"]))
            write(folder / f"{name}.csv", [case["qi"][i] for i in order] + ["more"], [[k[i] for i in order] + ["-"] for k in case[name]], rnd)
            args += [f"--{name}", str(folder / f"{name}.csv")]
    return subprocess.run(args, capture_output=True, text=True, encoding="utf-8")


def main():
    engine, files = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 300
    rnd = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    options, refused, wrong = Counter(), 0, 0
    with tempfile.TemporaryDirectory() as tmp:
        for i in range(files):
            rows, case = draw(rnd)
            options.update(k for k, v in case.items() if v is not False)
            done, want = ask(engine, Path(tmp), rows, case, rnd), measure(rows, case)
            if want is None:
                refused += 1
                faults = [] if done.returncode == 2 and done.stdout == "" else ["a population that lacks a class is not refused"]
            elif done.returncode != 0:
                faults = [f"exit {done.returncode}: {done.stderr.strip()}"]
            else:
                faults = list(differences(json.loads(done.stdout), want))
            for fault in faults[:5]:
                print(f"file {i}, --qi {','.join(case['qi'])}: {fault}")
            wrong += bool(faults)
    print(f"{files} files, {refused} of them refused as they should, {wrong} differ; options: {dict(sorted(options.items()))}")
    return 1 if wrong or not refused else 0


if __name__ == "__main__":
    sys.exit(main())
