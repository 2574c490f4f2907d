"""Reads data files with programs that share no code with Sluss, cell by cell.

    read_formats.py SAMPLES

SAMPLES holds files next to the text of their cells: NAME.KIND and
NAME.KIND.csv, whose first four lines are names, types, labels and one label of
a value per column, and where "-" is a missing value. The readers:

    .dta           pandas
    .xpt           pandas (numbers and texts; it leaves dates as days since 1960)
    .sav, .zsav    PSPP (pspp), R (package foreign; .sav without texts beyond 255 bytes)
    .xpt, too      R (package foreign)
    .parquet       pyarrow and DuckDB

A reader that is not there is "skipped", never "passed". The last line counts.
"""

import csv
import datetime
import json
import re
import shutil
import subprocess
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq

FIRST_OF_SAS = datetime.date(1960, 1, 1)
FIRST_OF_SPSS = datetime.date(1582, 10, 14)


class Expected:
    def __init__(self, path: Path):
        with open(path, encoding="utf-8", newline="") as f:
            rows = list(csv.reader(f))
        self.names, self.types, self.labels, values = rows[:4]
        self.first_labels = [tuple(v.split("=", 1)) if v else None for v in values]
        self.rows = rows[4:]


def number(x, scale_type: str) -> str:
    """A number as the shortest decimals that it is the nearest one to."""
    if isinstance(x, Decimal):
        text = format(x, "f")
    elif isinstance(x, int):
        return str(x)
    else:
        text = format(Decimal(repr(float(x))), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text if text != "-0" else "0"


def cell(x, kind: str, dates_from=None) -> str:
    if x is None or x is pd.NaT or (isinstance(x, float) and x != x):
        return "-"
    if kind == "date":
        if dates_from is not None:
            assert float(x).is_integer(), "a day with a time"
            return str(dates_from + datetime.timedelta(days=int(x)))
        return str(x)[:10]
    if kind in ("text", "week", "month", "quarter"):
        return "-" if x == "" else x
    return number(x, kind)


def compare(name: str, e: Expected, names, rows) -> None:
    assert list(names) == e.names, f"{name}: names {list(names)[:12]}"
    assert len(rows) == len(e.rows), f"{name}: {len(rows)} rows, {len(e.rows)} wanted"
    for i, (got, want) in enumerate(zip(rows, e.rows)):
        for k, (g, w) in enumerate(zip(got, want)):
            assert g == w, f"{name}: row {i + 1}, {e.names[k]}: {g!r}, {w!r} wanted"


def of_frame(df, e: Expected, dates_from=None):
    columns = [[cell(v, t, dates_from) for v in df[c].astype(object).tolist()] for c, t in zip(df.columns, e.types)]
    return list(zip(*columns)) if len(df) else []


def pandas_dta(path: Path, e: Expected) -> None:
    with pd.read_stata(path, iterator=True, convert_categoricals=False, preserve_dtypes=False) as reader:
        df = reader.read()
        labels, values = reader.variable_labels(), reader.value_labels()
    compare(path.name, e, df.columns, of_frame(df, e))
    assert [labels[n] for n in e.names] == [l[:80] for l in e.labels], "labels of variables"
    for name, kind, pair in zip(e.names, e.types, e.first_labels):
        if pair and kind == "int32":
            assert values[name][int(pair[0])] == pair[1], "labels of values"


def long_names(path: Path) -> list:
    """The whole names in a SAS transport file, from its labels: docs/formats.md."""
    raw = path.read_bytes()
    at = raw.index(b"HEADER RECORD*******NAMESTR")
    n = int(raw[at + 54 : at + 58])
    out = []
    for i in range(n):
        b = raw[at + 80 + 140 * i : at + 80 + 140 * (i + 1)]
        short, label = b[8:16].decode("latin1").rstrip(), b[16:56].decode("latin1").rstrip()
        out.append(label.split(": ")[0] if len(short) == 8 and short[5] == "_" else short.lower())
    return out


def pandas_xpt(path: Path, e: Expected) -> None:
    if not e.rows:
        df = pd.read_sas(path, format="xport", encoding="iso-8859-1", iterator=True)
        assert df.nobs == 0 and len(df.columns) == len(e.names)
        return
    df = pd.read_sas(path, format="xport", encoding="iso-8859-1")
    df.columns = long_names(path)
    for c, t in zip(df.columns, e.types):  # pandas reads zero as 5.4e-79
        if t not in ("text", "week", "month", "quarter"):
            df[c] = df[c].where(~(df[c].abs() < 1e-70), 0.0)
    compare(path.name, e, df.columns, of_frame(df, e, FIRST_OF_SAS))


PSPP_SAVE = """GET FILE='{src}'.
{recode}
SAVE TRANSLATE /OUTFILE='{out}' /TYPE=CSV /FIELDNAMES /REPLACE /CELLS=VALUES /TEXTOPTIONS FORMAT=PLAIN.
DISPLAY DICTIONARY.
"""


def pspp(path: Path, e: Expected) -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.csv"
        wide = [n for n, t in zip(e.names, e.types) if t in ("decimal", "int64", "int32")]
        recode = "FORMATS " + " ".join(wide) + " (F40.12)."
        dates = [n for n, t in zip(e.names, e.types) if t == "date"]
        if dates:
            recode += "\nFORMATS " + " ".join(dates) + " (F40.2)."
        script = Path(folder) / "read.sps"
        script.write_text(PSPP_SAVE.format(src=path.resolve(), out=out, recode=recode), encoding="utf-8")
        run = subprocess.run(["pspp", "-O", "format=csv", str(script)], capture_output=True, text=True, timeout=120)
        assert run.returncode == 0 and "error:" not in run.stdout + run.stderr and "warning:" not in run.stdout + run.stderr, (
            f"{path.name}: " + (run.stderr + run.stdout)[:600]
        )
        with open(out, encoding="utf-8", newline="") as f:
            lines = list(csv.reader(f))
        rows = []
        for line in lines[1:]:
            row = []
            for text, kind in zip(line, e.types):
                text = text.strip() if kind not in ("text",) else text
                if text == "":
                    row.append("-")
                elif kind == "date":
                    seconds = Decimal(text)
                    assert seconds % 86400 == 0
                    row.append(str(FIRST_OF_SPSS + datetime.timedelta(days=int(seconds) // 86400)))
                elif kind in ("text", "week", "month", "quarter"):
                    row.append(text)
                else:
                    row.append(number(Decimal(text).quantize(Decimal("1e-9")), kind))
            rows.append(row)
        compare(path.name, e, lines[0], rows)
        shown = re.sub(r"\s+", "", run.stdout)
        for label in e.labels:
            if len(e.labels) < 50:
                assert re.sub(r"\s+", "", label) in shown, f"label {label!r}"
        for pair in e.first_labels:
            if pair:
                assert re.sub(r"\s+", "", pair[1]) in shown, f"label of a value {pair[1]!r}"


R_READ = r"""
a <- commandArgs(TRUE)
suppressWarnings(library(foreign))
if (a[2] == "sav") {
  d <- read.spss(a[1], to.data.frame = FALSE, use.value.labels = FALSE, trim_values = TRUE, reencode = FALSE)
} else d <- read.xport(a[1])
f <- file(a[3], "wb") # bytes as they are: a piece of a long text can end inside a character
line <- function(x) writeLines(paste(x, collapse = "\x1f"), f, useBytes = TRUE)
line(names(d))
text <- lapply(d, function(x) {
  if (is.factor(x)) x <- as.character(x)
  if (is.numeric(x)) ifelse(is.na(x), "", sprintf("%.17g", x)) else {
    if (a[2] == "xpt") x <- iconv(x, "latin1", "UTF-8")
    ifelse(is.na(x), "", sub(" +$", "", x, useBytes = TRUE))
  }
})
if (length(text[[1]]) > 0) for (i in seq_along(text[[1]])) line(vapply(text, `[`, "", i))
close(f)
"""


def r_foreign(path: Path, e: Expected) -> None:
    with tempfile.TemporaryDirectory() as folder:
        script, out = Path(folder) / "read.R", Path(folder) / "out"
        script.write_text(R_READ, encoding="utf-8")
        kind = "xpt" if path.suffix == ".xpt" else "sav"
        run = subprocess.run(
            ["Rscript", "--vanilla", str(script), str(path), kind, str(out)],
            capture_output=True, text=True, timeout=120, env={"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin"},
        )
        assert run.returncode == 0, f"{path.name}: R: {run.stderr[-600:]}"
        lines = [l.split(b"\x1f") for l in out.read_bytes().removesuffix(b"\n").split(b"\n")]
        names, rows = [n.decode() for n in lines[0]], []
        # R foreign knows no texts beyond 255 bytes: their first piece has the
        # name, the others stand beside it. They are put together here.
        pieces = {}
        if kind == "sav" and len(names) > len(e.names):
            pieces = {e.names.index("lang"): len(names) - len(e.names) + 1}
        for line in lines[1:]:
            row, at = [], 0
            for k, t in enumerate(e.types):
                n = pieces.get(k, 1)
                text = b"".join(line[at : at + n]).decode()
                at += n
                if text == "":
                    row.append("-")
                elif t == "date" and kind == "sav":
                    row.append(str(FIRST_OF_SPSS + datetime.timedelta(days=float(text) / 86400)))
                elif t == "date":
                    row.append(str(FIRST_OF_SAS + datetime.timedelta(days=float(text))))
                elif t in ("text", "week", "month", "quarter"):
                    row.append(text)
                else:
                    row.append(number(float(text), t))
            rows.append(row)
        if kind == "xpt":
            names = long_names(path)
        elif pieces:
            k = e.names.index("lang")
            names = names[: k + 1] + names[k + pieces[k] :]
        compare(path.name, e, names, rows)


def arrow(path: Path, e: Expected) -> None:
    t = pq.read_table(path)
    columns = [[cell(v, k) for v in t.column(i).to_pylist()] for i, k in enumerate(e.types)]
    compare(path.name, e, t.schema.names, list(zip(*columns)) if t.num_rows else [])


def duck(path: Path, e: Expected) -> None:
    r = duckdb.sql(f"SELECT * FROM read_parquet('{path}')")
    rows = [[cell(v, k) for v, k in zip(row, e.types)] for row in r.fetchall()]
    compare(path.name, e, r.columns, rows)


def has_foreign() -> bool:
    if not shutil.which("Rscript"):
        return False
    return subprocess.run(["Rscript", "-e", "library(foreign)"], capture_output=True).returncode == 0


def main(samples: Path) -> int:
    foreign = "" if has_foreign() else "R's package foreign is not on this machine (apt-get install r-cran-foreign)"
    no_pspp = "" if shutil.which("pspp") else "PSPP is not on this machine (apt-get install pspp)"
    readers = [
        ("pandas", "dta", pandas_dta, ""), ("pandas", "xpt", pandas_xpt, ""),
        ("PSPP", "sav", pspp, no_pspp), ("PSPP", "zsav", pspp, no_pspp),
        ("R foreign", "sav", r_foreign, foreign), ("R foreign", "xpt", r_foreign, foreign),
        ("pyarrow", "parquet", arrow, ""), ("DuckDB", "parquet", duck, ""),
    ]
    bad = 0
    for who, kind, read, absent in readers:
        files = sorted(samples.glob(f"*.{kind}"))
        assert files, f"no sample of .{kind}"
        if absent:
            print(f"skipped: .{kind} read by {who}: {absent}")
            continue
        cells, failed = 0, []
        for path in files:
            e = Expected(path.with_name(path.name + ".csv"))
            try:
                read(path, e)
                cells += len(e.rows) * len(e.names)
            except Exception as x:  # every reader has its own errors
                failed.append(f"{type(x).__name__} {x}")
        if failed:
            bad += 1
            print(f"FAILED   .{kind} read by {who}: {failed[0]}")
        else:
            print(f"passed   .{kind} read by {who}: {len(files)} files, {cells} cells")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
