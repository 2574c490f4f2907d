"""Works the statistics order out again, day by day, from the source files, and
compares with what was delivered. Shares no code with Sluss: the rules are
written here once more, from docs/spells.md, docs/registers.md (assumptions A1 to
A7) and the catalogue's ranks.

    recompute.py RESULT REGISTERS
"""

import csv
import json
import sys
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

ONE = timedelta(days=1)
GAP = 4
FAR_GAP, CHOSEN = 19, {"7", "14", "30", "60", "90", "2+"}  # A2: the self-employed, by chosen waiting days
SICK_PAY, EMPLOYED = 14, "8"  # A3
TOP_UP = {"ASP": 100}  # A5: whole kronor by net day
RANK = {"RHP": 40, "ASP": 30, "SJP": 20, "FSP": 10, "SE": 50, "AE": 50}
FROM, TO = date(2022, 1, 1), date(2026, 1, 1)


def entities(registers: Path):
    """Identity number -> list of (entity, from, to)."""
    out = defaultdict(list)
    for entity, number, start, end in duckdb.sql(
        f"SELECT entity, id_value, valid_from, valid_to FROM read_parquet('{registers}/identity.parquet')"
    ).fetchall():
        out[number].append((entity, start or date.min, end or date.max))
    return out


def resolve(numbers, number, on):
    had = numbers.get(number, [])
    if len({e for e, _, _ in had}) == 1:
        return had[0][0]
    match = {e for e, start, end in had if start <= on < end}
    return match.pop() if len(match) == 1 else None


def tops_up(r):
    """Whether a row is money without days."""
    if r["delforman"] not in TOP_UP or not r["belopp_ore"] or not r["omfattning"] or not r["till"]:
        return False
    net_days = ((r["till"] - r["fran"]).days + 1) * r["omfattning"] / 1000
    return int(r["belopp_ore"] / 100 / net_days + 1e-9) <= TOP_UP[r["delforman"]]


def days_of(rows, horizon):
    """Day -> (extent in per mille, diagnosis, far) of the winning payment."""
    last = {}  # (day, track) -> best row
    for r in rows:
        if tops_up(r):
            continue
        end = r["till"] or horizon - ONE
        d = r["fran"]
        while d <= end:
            k = (d, r["delforman"], r["arende_id"])
            mine = (r["registrerad"], r["transaktion"] == "pay", r["rad_id"])
            # At one transaction day the greatest row id wins, a payment over a reversal.
            if k not in last or (mine[0], mine[1], mine[2]) > last[k][0]:
                last[k] = (mine, r)
            d += ONE
    best = {}
    for (d, _, _), (mine, r) in last.items():
        if r["transaktion"] != "pay":
            continue
        order = (RANK[r["delforman"]], r["registrerad"], r["rad_id"])
        if d not in best or order > best[d][0]:
            best[d] = (order, r)
    days = {d: (r["omfattning"], r.get("diagnos"), r.get("karenstid") in CHOSEN) for d, (_, r) in best.items()}
    for d, (_, r) in best.items():
        # The days of sick pay right before a row that decides its own first day.
        ill = r.get("insjuknad")
        if not ill or r.get("forsakradtyp") != EMPLOYED or r["fran"] != d or (d - ill).days > SICK_PAY:
            continue
        e = d - ONE
        while e >= ill and e not in best:
            days[e] = (0, r.get("diagnos"), r.get("karenstid") in CHOSEN)
            e -= ONE
    return days


def spells(days):
    """Lists of covered days, joined over at most GAP free days, or FAR_GAP before a far one."""
    out = []
    for d in sorted(days):
        if out and (d - out[-1][-1]).days - 1 <= (FAR_GAP if days[d][2] else GAP):
            out[-1].append(d)
        else:
            out.append([d])
    return out


def net(thousandths):
    text = f"{thousandths / 1000:.3f}".rstrip("0").rstrip(".")
    return text


def expected(rows_by_entity, horizon):
    result = {}
    for entity, rows in rows_by_entity.items():
        days = days_of(rows, horizon)
        lines = []
        for s in spells(days):
            inside = [d for d in s if FROM <= d < TO]
            if not inside:
                continue
            diag = next((days[d][1] for d in inside if days[d][1]), None)
            lines.append((inside[0], inside[-1], len(inside), sum(days[d][0] for d in inside), int(s[0] < FROM), int(s[-1] >= TO), diag))
        counts = defaultdict(lambda: [0, 0, 0])
        for s in spells(days):
            inside = [d for d in s if FROM <= d < TO]
            if not inside:
                continue
            for year in range(inside[0].year, inside[-1].year + 1):
                counts[year][0] += 1
            if s[0] >= FROM:
                counts[s[0].year][1] += 1
            if s[-1] < TO:  # the window ends before the horizon: nothing in it is still going on
                counts[s[-1].year][2] += 1
        years = defaultdict(lambda: [0, 0])
        for d, (extent, _, _) in days.items():
            if FROM <= d < TO:
                years[d.year][0] += 1
                years[d.year][1] += extent
        result[entity] = (lines, {y: tuple(v) for y, v in years.items()}, {y: tuple(counts[y]) + (v[0],) for y, v in years.items()})
    return result


def load(registers, table, numbers):
    out = defaultdict(list)
    for r in pq.read_table(registers / f"{table}.parquet").to_pylist():
        e = resolve(numbers, r["personnummer"], r["fran"])
        if e is not None:
            out[e].append(r)
    return out


def main(result: Path, registers: Path) -> None:
    horizon = date.fromisoformat(json.loads((registers / "synth.json").read_text())["at"])
    numbers = entities(registers)
    protected = {e for (e,) in duckdb.sql(f"SELECT entity FROM read_parquet('{registers}/person.parquet') WHERE protected = 1").fetchall()}
    lopnr = {}
    with open(registers / "population" / "nyckelfil.csv", encoding="utf-8") as f:
        for row in csv.DictReader(f, delimiter=";"):
            e = resolve(numbers, row["Personnr"].replace("-", ""), horizon)
            if e is not None and e not in protected:
                lopnr.setdefault(e, int(row["LopNr_SCB"]))

    data = result / "recipient" / "data"
    want = expected(load(registers, "midas_sjp", numbers), horizon)
    delivered = defaultdict(list)
    for r in pq.read_table(data / "sjukfall.parquet").to_pylist():
        delivered[r["lopnr"]].append(r)
    compared = 0
    for e, n in lopnr.items():
        mine, theirs = want.get(e, ([], {}))[0], delivered.pop(n, [])
        assert len(mine) == len(theirs), f"{len(mine)} spells worked out, {len(theirs)} delivered"
        for a, b in zip(mine, theirs):
            got = (b["from_datum"], b["tom_datum"], b["dagar"], int(b["nettodagar"] * 1000), b["vanstercensur"], b["hogercensur"])
            assert a[:6] == got, "a spell differs"
            assert b["pagaende"] == 0
            if a[6]:
                low, _, high = b["diagnoskapitel"].partition("-")
                assert low <= a[6][:3] <= high, "the chapter does not hold the first diagnosis"
            else:
                assert b["diagnoskapitel"] is None
            compared += 1
    assert not delivered, "somebody outside the population was delivered"

    with open(data / "sjukfall_ar.csv", encoding="utf-8") as f:
        counts = {(int(r["lopnr"]), int(r["ar"])): tuple(int(r[c]) for c in ("antal_fall", "startade_fall", "avslutade_fall", "dagar")) for r in csv.DictReader(f, delimiter=";")}
    for e, n in lopnr.items():
        for year, mine in want.get(e, ([], {}, {}))[2].items():
            theirs = counts.pop((n, year), None)
            assert theirs == mine, "numbers of spells differ"
            compared += 1
    assert all(c[3] == 0 for c in counts.values()), "numbers of spells that nobody worked out"

    want = expected(load(registers, "midas_sa", numbers), horizon)
    cells = {}
    with open(data / "sa_ar.csv", encoding="utf-8") as f:
        for r in csv.DictReader(f, delimiter=";"):
            cells[int(r["lopnr"]), int(r["ar"])] = (int(r["dagar"]), r["nettodagar"])
    for e, n in lopnr.items():
        for year, (days, thousandths) in want.get(e, ([], {}))[1].items():
            assert cells.pop((n, year), None) == (days, net(thousandths)), "a cell of the panel differs"
            compared += 1
    assert not cells, "cells that nobody worked out"
    assert compared > 50, "too little to compare"
    print(f"         {compared} spells and cells worked out again, no difference")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
