"""Fills in a Word form with python-docx, as a program that is not ours does.

fill.py EMPTY.docx FILLED.docx: opens the form, fills in one control of each
kind by its tag, and saves.
"""

import sys

from docx import Document
from docx.oxml.ns import qn

W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"

TEXTS = {
    "title": "Återgång i arbete",
    "project.questions": "Första frågan\nAndra frågan",
    "project.start": "2026-01-15",
    "population.size": "12 000",
    "principal.kind": "Myndighet",
    "data[0].register": "midas_sjuk",
    "data[0].benefits": "SJP",
    "project.end": "våren",
}
TICKED = ["delivery.formats=parquet", "identified"]


def main(source, target):
    document = Document(source)
    controls = {}
    for sdt in document.element.body.iter(qn("w:sdt")):
        tag = sdt.sdtPr.find(qn("w:tag")) if hasattr(sdt, "sdtPr") else sdt.find(qn("w:sdtPr")).find(qn("w:tag"))
        controls[tag.get(qn("w:val"))] = sdt
    for tag, text in TEXTS.items():
        sdt = controls[tag]
        properties = sdt.find(qn("w:sdtPr"))
        placeholder = properties.find(qn("w:showingPlcHdr"))
        if placeholder is not None:
            properties.remove(placeholder)
        run = next(sdt.find(qn("w:sdtContent")).iter(qn("w:r")))
        for child in list(run):
            run.remove(child)
        for i, line in enumerate(text.split("\n")):
            if i:
                run.append(run.makeelement(qn("w:br"), {}))
            t = run.makeelement(qn("w:t"), {})
            t.text = line
            run.append(t)
    for tag in TICKED:
        checked = next(controls[tag].find(qn("w:sdtPr")).iter(W14 + "checked"))
        checked.set(W14 + "val", "1")
    headings = [p.text for p in document.paragraphs if p.style.name.lower().startswith("heading")]
    if len(headings) < 10:
        sys.exit(f"only {len(headings)} headings")
    document.save(target)
    print(f"{len(controls)} controls, {len(headings)} headings")


main(sys.argv[1], sys.argv[2])
