"""Run the starter program of every synthetic twin, unchanged, on the twin and on
the delivery of the same order, and compare what it makes of them: the same data
frames, with the same columns of the same types.

Usage: read_twins.py DIR (as go test ./internal/twin writes it with SLUSS_TWINS)
"""

import contextlib
import io
import os
import pathlib
import runpy
import sys

import pandas as pd


def frames(folder, program):
    """Run the program in the folder and return its data frames by name."""
    here = os.getcwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(io.StringIO()) as said:
            made = runpy.run_path(str(program), run_name="__main__")
    finally:
        os.chdir(here)
    found = {k: v for k, v in made.items() if isinstance(v, pd.DataFrame) and k != "df"}
    return found, said.getvalue()


def kind(column):
    """The type of a column. One without any value has no type of its own in
    pandas and fits all."""
    return None if column.isna().all() else str(column.dtype).replace("[ns]", "").replace("[us]", "").replace("[s]", "").replace("[ms]", "")


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    seen = columns = 0
    for register in sorted(p for p in root.glob("*/*") if p.is_dir()):
        program = register / "twin" / "las_in.py"
        twin, said = frames(register / "twin", program)
        delivery, _ = frames(register / "delivery", program)
        assert "syntetiska" in said, f"{register}: the program does not say that the data are synthetic"
        assert twin and twin.keys() == delivery.keys(), f"{register}: other data frames"
        for name, a in twin.items():
            b = delivery[name]
            assert len(a) > 0 and list(a.columns) == list(b.columns), f"{register}: {name}: other columns"
            for c in a.columns:
                x, y = kind(a[c]), kind(b[c])
                assert x == y or x is None or y is None, f"{register}: {name}: {c} is {x} in the twin and {y} in the delivery"
                columns += 1
        seen += 1
    assert seen >= 25, f"only {seen} registers"
    print(f"{seen} twins and deliveries, {columns} columns of the same types")


main()
