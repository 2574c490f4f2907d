"""The job of part a in Polars: spells, sub-spells, panels by month and year.

    python spells_polars.py sorted|raw DIR

sorted: DIR/sorted.parquet is read before the clock starts.
raw:    DIR/source/*.parquet is read, coded and sorted while it runs.

One line of JSON tells time, processor time and the totals of each outcome.
"""

import json
import sys
import time

import polars as pl
from polars import col

SPAN = 1 << 17  # more than any day: person * SPAN + day orders by both
RANK = {"SJP": 20, "FSP": 10, "RHP": 40, "ASP": 30}


def raw(folder):
    """The source rows as whole numbers, sorted by person and first day."""
    who = pl.scan_parquet(f"{folder}/source/identity.parquet").select(
        "entity", "valid_from", "valid_to", personnummer="id_value", shared=col("entity").n_unique().over("id_value") > 1)
    day = lambda name: col(name).cast(pl.Date).to_physical().cast(pl.Int64)
    had = (col("fran") >= col("valid_from")) & ((col("fran") < col("valid_to")) | col("valid_to").is_null())
    return (
        pl.scan_parquet(f"{folder}/source/midas_sjp.parquet").join(who, on="personnummer", how="inner").filter(~col("shared") | had)
        .select(
            col("entity").alias("p"), day("registrerad").alias("tx"), (col("transaktion") == "rev").cast(pl.Int64).alias("rev"),
            (col("delforman").rank("dense").cast(pl.Int64) * 256 + col("niva").fill_null("").rank("dense").cast(pl.Int64)).alias("state"),
            col("delforman").replace_strict(RANK, return_dtype=pl.Int64).alias("rank"), day("fran").alias("f"),
            (day("till") + 1).alias("t"), col("omfattning").cast(pl.Int64).alias("ext"),
            col("rad_id").alias("id"), col("arende_id").alias("track"), col("belopp_ore").alias("ore"))
        .sort("p", "f", "id").collect())


def settle(r):
    """Days that several rows claim go to the row that wins them."""
    x = r.sort("id").unique([c for c in r.columns if c != "id"], keep="last")
    b = pl.concat([x.select("cl", a="f"), x.select("cl", a="t")]).unique().sort("cl", "a")
    b = b.with_columns(b=col("a").shift(-1), next=col("cl").shift(-1)).filter(col("next") == col("cl")).drop("next")
    b = b.join(x, on="cl").filter((col("f") <= col("a")) & (col("t") >= col("b")))
    b = b.sort("cl", "a", "track", "tx", "rev", "id", descending=[False, False, False, True, False, True]).unique(["cl", "a", "track"], keep="first")
    b = b.filter(col("rev") == 0)
    b = b.sort("cl", "a", "rank", "tx", "id", descending=[False, False, True, True, True]).unique(["cl", "a"], keep="first")
    return x, b.select("p", "state", "ext", f="a", t="b")


def by_month(d, months):
    """A row for every month that [f, t) touches, with the month's bounds."""
    span = lambda day: months.rename({"d": day, "m": "m_" + day}).select(day, "m_" + day)
    d = d.with_columns(last=col("t") - 1).join(span("f"), on="f").join(span("last"), on="last")
    d = d.with_columns(m=pl.int_ranges("m_f", col("m_last") + 1)).drop("m_f", "m_last", "last").explode("m")
    return d.join(months.group_by("m").agg(first=col("d").min(), next=col("d").max() + 1), on="m")


def spells(r):
    r = r.with_columns(col("p", "f", "t", "ext", "state").cast(pl.Int64))
    key = lambda day: col("p") * SPAN + col(day)
    r = r.with_columns(cl=(key("f") >= key("t").cum_max().shift(1)).fill_null(True).cum_sum())
    r = r.with_columns(k=pl.len().over("cl"))
    one, tangled = r.filter(col("k") == 1), r.filter(col("k") > 1).drop("k")
    tangled, won = settle(tangled)
    held = ["p", "f", "t", "state", "ext"]
    sub = pl.concat([one.filter(col("rev") == 0).select(held), won.select(held)]).sort("p", "f")
    same = pl.all_horizontal((col(a) == col(b).shift(1)).fill_null(False) for a, b in [("p", "p"), ("f", "t"), ("state", "state"), ("ext", "ext")])
    sub = sub.with_columns(nr=(~same).cum_sum()).group_by("nr", maintain_order=True).agg(col("p", "f", "ext").first(), col("t").last())
    sub = sub.drop("nr").with_columns(n=col("t") - col("f")).with_columns(net=col("n") * col("ext"))
    near = ((col("p") == col("p").shift(1)) & (col("f") - col("t").shift(1) <= 4)).fill_null(False)
    fall = sub.with_columns(nr=(~near).cum_sum()).group_by("nr", maintain_order=True).agg(
        col("p", "f").first(), col("t").last(), col("n", "net").sum()).with_columns(gross=col("t") - col("f"))
    months = pl.DataFrame({"d": pl.int_range(0, 25_000, eager=True)}).with_columns(date=col("d").cast(pl.Date))
    months = months.select("d", m=col("date").dt.year().cast(pl.Int64) * 12 + col("date").dt.month() - 1)
    a, b = pl.max_horizontal("f", "first"), pl.min_horizontal("t", "next")
    days = by_month(sub.select("p", "f", "t", "ext"), months).select("p", "m", n=b - a, net=(b - a) * col("ext"), ore=pl.lit(0, pl.Int64))
    paid = pl.concat([x.filter(col("ore") != 0).select("p", "f", "t", "rev", "ore") for x in (one, tangled)])
    upto = lambda day: col("ore") * (day - col("f")) // (col("t") - col("f"))
    shares = by_month(paid, months).select("p", "m", n=pl.lit(0, pl.Int64), net=pl.lit(0, pl.Int64), ore=(upto(b) - upto(a)) * (1 - 2 * col("rev").cast(pl.Int64)))
    cells = pl.concat([days, shares]).group_by("p", "m").agg(col("n", "net", "ore").sum())
    years = cells.group_by("p", y=col("m") // 12).agg(col("n", "net", "ore").sum())
    some = (col("n") > 0) | (col("ore") != 0)
    return {"fall": fall, "delfall": sub, "manad": cells.filter(some), "ar": years.filter(some)}


def main():
    kind, folder = sys.argv[1:]
    rows = pl.read_parquet(f"{folder}/sorted.parquet") if kind == "sorted" else None
    began, used = time.perf_counter(), time.process_time()
    out = spells(raw(folder) if rows is None else rows)
    took, cpu = time.perf_counter() - began, time.process_time() - used
    totals = {k: {"rows": len(d), "persons": d["p"].n_unique(), "days": int(d["n"].sum()), "net": int(d["net"].sum()),
                  "ore": int(d["ore"].sum()) if "ore" in d.columns else 0} for k, d in out.items()}
    print(json.dumps({"seconds": took, "cpu": cpu, "totals": totals, "notes": {"version": pl.__version__}}))


main()
