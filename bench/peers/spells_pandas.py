"""The job of part a in pandas: spells, sub-spells, panels by month and year.

    python spells_pandas.py sorted|raw DIR

sorted: DIR/sorted.parquet is read before the clock starts.
raw:    DIR/source/*.parquet is read, coded and sorted while it runs.

One line of JSON tells time, processor time and the totals of each outcome.
Whole columns are worked on at a time (numpy), groups of rows never in a loop.
"""

import json
import sys
import time

import numpy as np
import pandas as pd

SPAN = 1 << 17  # more than any day: person * SPAN + day orders by both
RANK = {"SJP": 20, "FSP": 10, "RHP": 40, "ASP": 30}


def raw(folder):
    """The source rows as whole numbers, sorted by person and first day."""
    s = pd.read_parquet(f"{folder}/source/midas_sjp.parquet", columns=[
        "personnummer", "registrerad", "transaktion", "delforman", "niva", "fran", "till", "omfattning", "rad_id", "arende_id", "belopp_ore"])
    who = pd.read_parquet(f"{folder}/source/identity.parquet", columns=["entity", "id_value", "valid_from", "valid_to"])
    who["shared"] = who.groupby("id_value")["entity"].transform("nunique") > 1
    s = s.merge(who, left_on="personnummer", right_on="id_value")
    first = pd.to_datetime(s["fran"])
    s = s[~s["shared"] | (first >= pd.to_datetime(s["valid_from"])) & ~(first >= pd.to_datetime(s["valid_to"]))]
    days = lambda c: pd.to_datetime(s[c]).to_numpy().astype("datetime64[D]").astype(np.int64)
    df = pd.DataFrame({
        "p": s["entity"].to_numpy(), "tx": days("registrerad"), "rev": (s["transaktion"] == "rev").to_numpy().astype(np.int64),
        "state": pd.factorize(s["delforman"])[0] * 256 + pd.factorize(s["niva"])[0], "rank": s["delforman"].map(RANK).to_numpy().astype(np.int64),
        "f": days("fran"), "t": days("till") + 1, "ext": s["omfattning"].to_numpy(),
        "id": s["rad_id"].to_numpy(), "track": s["arende_id"].to_numpy(), "ore": s["belopp_ore"].to_numpy()})
    return df.sort_values(["p", "f", "id"], ignore_index=True)


def settle(r):
    """Days that several rows claim go to the row that wins them."""
    x = r.sort_values("id").drop_duplicates([c for c in r.columns if c != "id"], keep="last")
    b = pd.concat([x[["cl", "f"]].set_axis(["cl", "a"], axis=1), x[["cl", "t"]].set_axis(["cl", "a"], axis=1)]).drop_duplicates().sort_values(["cl", "a"])
    b["b"] = b.groupby("cl")["a"].shift(-1)
    b = b.dropna().astype(np.int64).merge(x, on="cl")
    b = b[(b["f"] <= b["a"]) & (b["t"] >= b["b"])]
    b = b.sort_values(["cl", "a", "track", "tx", "rev", "id"], ascending=[True, True, True, False, True, False]).drop_duplicates(["cl", "a", "track"])
    b = b[b["rev"] == 0]
    b = b.sort_values(["cl", "a", "rank", "tx", "id"], ascending=[True, True, False, False, False]).drop_duplicates(["cl", "a"])
    won = pd.DataFrame({"p": b["p"], "f": b["a"], "t": b["b"], "state": b["state"], "ext": b["ext"]})
    return x, won


def runs(new):
    """First and last row of each stretch that begins where new is true."""
    first = np.flatnonzero(new)
    return first, np.append(first[1:], len(new)) - 1


def by_month(f, t, month):
    """Row number and month for every month that [f, t) touches."""
    a, k = month[f], month[t - 1] - month[f] + 1
    row = np.repeat(np.arange(len(f)), k)
    return row, a[row] + np.arange(len(row)) - np.repeat(np.cumsum(k) - k, k)


def spells(r):
    p, f, t = (r[c].to_numpy().astype(np.int64) for c in "pft")
    reach = np.maximum.accumulate(p * SPAN + t)
    new = np.append(True, p[1:] * SPAN + f[1:] >= reach[:-1])
    cl = np.cumsum(new)
    many = np.bincount(cl)[cl] > 1
    tangled, won = settle(r[many].assign(cl=cl[many]))
    one = r[~many]
    held = pd.concat([one.loc[one["rev"] == 0, ["p", "f", "t", "state", "ext"]], won]).sort_values(["p", "f"])
    p, f, t, state, ext = (held[c].to_numpy().astype(np.int64) for c in ["p", "f", "t", "state", "ext"])
    first, last = runs(np.append(True, (p[1:] != p[:-1]) | (f[1:] != t[:-1]) | (state[1:] != state[:-1]) | (ext[1:] != ext[:-1])))
    p, f, t, ext = p[first], f[first], t[last], ext[first]
    n = t - f
    sub = pd.DataFrame({"p": p, "f": f, "t": t, "ext": ext, "n": n, "net": n * ext})
    first, last = runs(np.append(True, (p[1:] != p[:-1]) | (f[1:] - t[:-1] > 4)))
    fall = pd.DataFrame({"p": p[first], "f": f[first], "t": t[last], "gross": t[last] - f[first],
                         "n": np.add.reduceat(n, first), "net": np.add.reduceat(n * ext, first)})
    every = np.arange(0, 25_000)
    month = every.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
    start = (np.arange(0, 900) - 0).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    begin = lambda m: start[m - 1970 * 12]
    row, m = by_month(f, t, month)
    days = np.minimum(t[row], begin(m + 1)) - np.maximum(f[row], begin(m))
    held = pd.DataFrame({"p": p[row], "m": m, "n": days, "net": days * ext[row], "ore": 0})
    paid = pd.concat([one, tangled])
    paid = paid[paid["ore"] != 0]
    p, f, t, ore = (paid[c].to_numpy().astype(np.int64) for c in ["p", "f", "t", "ore"])
    sign = np.where(paid["rev"] == 1, -1, 1)
    row, m = by_month(f, t, month)
    upto = lambda day: ore[row] * (day - f[row]) // (t[row] - f[row])
    shares = pd.DataFrame({"p": p[row], "m": m, "n": 0, "net": 0, "ore": sign[row] * (upto(np.minimum(t[row], begin(m + 1))) - upto(np.maximum(f[row], begin(m))))})
    cells = pd.concat([held, shares]).groupby(["p", "m"], sort=False, as_index=False).sum()
    years = cells.assign(y=cells["m"] // 12).groupby(["p", "y"], sort=False, as_index=False)[["n", "net", "ore"]].sum()
    some = lambda d: d[(d["n"] > 0) | (d["ore"] != 0)]
    return {"fall": fall, "delfall": sub, "manad": some(cells), "ar": some(years)}


def main():
    kind, folder = sys.argv[1:]
    rows = pd.read_parquet(f"{folder}/sorted.parquet") if kind == "sorted" else None
    began, used = time.perf_counter(), time.process_time()
    out = spells(raw(folder) if rows is None else rows)
    took, cpu = time.perf_counter() - began, time.process_time() - used
    totals = {k: {"rows": len(d), "persons": int(d["p"].nunique()), "days": int(d["n"].sum()), "net": int(d["net"].sum()),
                  "ore": int(d["ore"].sum()) if "ore" in d else 0} for k, d in out.items()}
    print(json.dumps({"seconds": took, "cpu": cpu, "totals": totals, "notes": {"version": pd.__version__}}))


main()
