"""Reads the machine-readable codebooks of a delivery and checks them.

    read_codebook.py DATA

DATA is the folder of an opened delivery. csvw-metadata.json is read by the
package csvw, which reads every CSV file with it: types, missing values and
required cells. kodbok.ddi.xml must name every file, its rows and every column
of the manifest with its codes and labels in both languages.
"""

import json
import sys
import warnings
import xml.etree.ElementTree as ET
from pathlib import Path

from csvw import TableGroup

DDI = "{ddi:codebook:2_5}"


def read_csvw(data: Path, files: list) -> int:
    path = data / "csvw-metadata.json"
    tables = [f for f in files if f.get("format") == "csv"]
    if not tables:
        assert not path.exists(), "metadata of CSV without any"
        return 0
    cells = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        group = TableGroup.from_file(path)
        for f, table in zip(tables, group.tables, strict=True):
            assert str(table.url) == f["name"]
            rows = list(table.iterdicts(strict=True))
            assert len(rows) == f["rows"], f"{f['name']}: {len(rows)} rows"
            names = [c["name"] for c in f["columns"]]
            assert [c.name for c in table.tableSchema.columns] == names
            for row in rows:
                assert list(row) == names
                for column in f["columns"]:
                    v = row[column["name"]]
                    want = {"id": "int", "int": "int", "ore": "int", "decimal": "Decimal", "date": "date"}.get(column["type"], "str")
                    assert v is None or type(v).__name__ == want, f"{column['name']}: {type(v).__name__}"
                    cells += 1
    return cells


def read_ddi(data: Path, files: list, book: dict) -> int:
    root = ET.parse(data / "kodbok.ddi.xml").getroot()
    assert root.tag == DDI + "codeBook"
    described = root.findall(DDI + "fileDscr")
    variables = root.findall(f"{DDI}dataDscr/{DDI}var")
    assert len(described) == len(files)
    for f, d, b in zip(files, described, book["files"], strict=True):
        assert d.findtext(f"{DDI}fileTxt/{DDI}fileName") == f["name"]
        assert int(d.findtext(f"{DDI}fileTxt/{DDI}dimensns/{DDI}caseQnty")) == f.get("rows", 0)
        own = [v for v in variables if v.get("files") == d.get("ID")]
        assert [v.get("name") for v in own] == [c["name"] for c in f["columns"]]
        for v, c in zip(own, b["columns"], strict=True):
            codes = [x.findtext(DDI + "catValu") for x in v.findall(DDI + "catgry")]
            assert codes == [x["code"] for x in c.get("codes") or []], f"codes of {c['name']}"
            assert {x.get("{http://www.w3.org/XML/1998/namespace}lang") for x in v.findall(DDI + "labl")} == {"sv", "en"}
    return len(variables)


def main(data: Path) -> None:
    manifest = json.loads((data / "MANIFEST").read_text(encoding="utf-8").split("\n", 1)[0])
    files = [f for f in manifest["files"] if f["role"] == "data"]
    book = json.loads((data / "kodbok.json").read_text(encoding="utf-8"))
    cells = read_csvw(data, files)
    variables = read_ddi(data, files, book)
    print(f"{cells} cells by CSVW, {variables} variables in DDI")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
