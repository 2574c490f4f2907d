"""Checks codebooks in DDI-Codebook 2.5 against what its schema says of them.

    ddi_schema.py FILE...

This is not the schema but the part of it that our files use, taken down by us
element by element: which children in which order and how often, which
attributes of which type. What stands outside the tables is a fault, also where
the schema would let it pass: "not compared with the schema". Whoever has the
schema names it in DDI_SCHEMA, and `make verify` runs xmllint with all of it.

Every file is then damaged in memory, one way at a time. A damaged copy that
passes is a failure of this program.

Source: DDI Alliance, DDI-Codebook 2.5, codebook.xsd of 2012-01-17, as in
github.com/ncrncornell/ddi-schemas, 2.5/schemas, commit aa55cb3.
"""

import copy
import re
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from itertools import groupby
from pathlib import Path

DDI = "{ddi:codebook:2_5}"
XML = "{http://www.w3.org/XML/1998/namespace}"

# The children of an element, in order: ? at most one, * any number, + at least
# one, else exactly one. In the schema Dublin Core may follow in a citation.
CONTENT = {
    "codeBook": "docDscr* stdyDscr+ fileDscr* dataDscr* otherMat*",
    "stdyDscr": "citation+ studyAuthorization* stdyInfo* studyDevelopment* method* dataAccs* othrStdyMat* notes*",
    "citation": "titlStmt rspStmt? prodStmt? distStmt? serStmt* verStmt* biblCit? holdings* notes*",
    "titlStmt": "titl subTitl* altTitl* parTitl* IDNo*",
    "prodStmt": "producer* copyright? prodDate* prodPlac* software* fundAg* grantNo*",
    "stdyInfo": "studyBudget* subject* abstract* sumDscr* qualityStatement? notes* exPostEvaluation*",
    "fileDscr": "fileTxt* locMap? notes*",
    "fileTxt": "fileName? fileCitation? fileCont? fileStrc? dimensns? fileType? format? filePlac? dataChck* "
    "ProcStat? dataMsng? software* verStmt?",
    "dimensns": "caseQnty* varQnty* logRecL* recPrCas* recNumTot*",
    "dataDscr": "varGrp* nCubeGrp* var* nCube* notes*",
    "var": "location* labl* imputation? security? embargo? respUnit? anlysUnit? qstn* valrng* invalrng* undocCod* "
    "universe* TotlResp? sumStat* txt* stdCatgry* catgryGrp* catgry* codInstr* verStmt* concept* derivation? "
    "varFormat? geoMap* catLevel* notes*",
    "catgry": "catValu? labl* txt* catStat* mrow?",
}

# Elements of text. The schema lets links and marks of form stand among the
# words (ExtLink, Link, div, emph, head, hi, list, p, some of XHTML, in notes and
# txt also table): our files have none, so a child is a fault here.
TEXT = "titl IDNo prodDate abstract fileName fileCont caseQnty varQnty fileType notes labl txt catValu varFormat".split()

# Attributes: name/type (string unless told), name=the|allowed|values, ! required.
GLOBALS = (
    "ID/ID xml-lang/NMTOKEN xml:lang/language source=archive|producer elementVersion elementVersionDate/date "
    "ddiLifecycleUrn ddiCodebookUrn"
)
ATTRIBUTES = {
    "codeBook": "version=2.5 codeBookAgency/NCName",
    "stdyDscr": "access/IDREFS",
    "citation": "MARCURI",
    "IDNo": "agency level=study|file|project",
    "prodDate": "date",
    "abstract": "date contentType=abstract|purpose|mixed",
    "fileDscr": "URI sdatrefs/IDREFS methrefs/IDREFS pubrefs/IDREFS access/IDREFS",
    "fileType": "charset",
    "notes": "type subject level resp sdatrefs/IDREFS parent/IDREFS sameNote/IDREF",
    "var": "!name wgt=wgt|not-wgt wgt-var/IDREFS weight/IDREFS qstn/IDREFS files/IDREFS vendor dcml "
    "intrvl=contin|discrete rectype sdatrefs/IDREFS methrefs/IDREFS pubrefs/IDREFS access/IDREFS "
    "aggrMeth=sum|average|count|mode|median|maximum|minimum|percent|other otherAggrMeth/NMTOKEN measUnit scale origin "
    "nature=nominal|ordinal|interval|ratio|percent|other additivity=stock|flow|non-additive|other "
    "otherAdditivity/NMTOKEN temporal=Y|N geog=Y|N geoVocab catQnty "
    "representationType=text|numeric|code|datetime|other otherRepresentationType/NMTOKEN",
    "labl": "level vendor country sdatrefs/IDREFS",
    "txt": "level sdatrefs/IDREFS",
    "catgry": "missing=Y|N missType country sdatrefs/IDREFS excls=true|false catgry/IDREFS level/IDREF access/IDREF",
    "varFormat": "type=character|numeric formatname schema=SAS|SPSS|IBM|ANSI|ISO|XML-Data|other otherSchema/NMTOKEN "
    "category=date|time|currency|other otherCategory/NMTOKEN URI",
}

NCNAME = r"[^\W\d][\w.\-]*"
TYPES = {
    "string": r"(?s:.*)",
    "NMTOKEN": r"[\w.:\-]+",
    "NCName": NCNAME,
    "ID": NCNAME,
    "IDREF": NCNAME,
    "IDREFS": rf"{NCNAME}( +{NCNAME})*",
    "language": r"([a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*)?",  # xml:lang may be empty
    "date": r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(\.\d+)?)?)?)?(Z|[+-]\d\d:\d\d)?",
}


def attributes(name: str) -> dict[str, tuple[bool, str, re.Pattern]]:
    out = {}
    for word in f"{GLOBALS} {ATTRIBUTES.get(name, '')}".split():
        key, values = (word.split("=") + [""])[:2]
        key, kind = (key.lstrip("!").split("/") + ["string"])[:2]
        pattern = "|".join(map(re.escape, values.split("|"))) if values else TYPES[kind]
        out[key.replace("xml:", XML)] = (word[0] == "!", kind, re.compile(pattern))
    return out


def content(model: str) -> re.Pattern:
    return re.compile("".join(rf"({w.rstrip('?*+')} ){w[-1] if w[-1] in '?*+' else ''}" for w in model.split()))


MODELS = {name: content(model) for name, model in CONTENT.items()}
KNOWN = {name: attributes(name) for name in [*CONTENT, *TEXT]}


def is_date(s: str) -> bool:
    """Whether s is a day, a month or a year."""
    try:
        date.fromisoformat(s + "0000-01-01"[len(s) :])
        return True
    except ValueError:
        return False


def faults(root: ET.Element) -> list[str]:
    """Everything in a codebook that its schema forbids or that we have not compared with it."""
    out: list[str] = []
    ids: dict[str, str] = {}  # and the name of the element
    refs: list[tuple[str, str, str]] = []
    if root.tag != DDI + "codeBook":
        return [f"{root.tag}: not a codebook of DDI-Codebook 2.5"]

    def check(e: ET.Element, where: str) -> None:
        name = e.tag.removeprefix(DDI)
        for key, (required, kind, pattern) in KNOWN[name].items():
            if (value := e.get(key)) is None:
                if required:
                    out.append(f"{where}: attribute {key} is missing")
                continue
            token = value if kind == "string" else value.strip(" \t\r\n")
            if not pattern.fullmatch(token):
                out.append(f"{where}: attribute {key} is {value!r}")
            elif kind == "date" and not is_date(re.sub(r"T.*|Z$|[+-]\d\d:\d\d$", "", token)):
                out.append(f"{where}: attribute {key} is no date: {value}")
            elif kind == "ID" and token in ids:
                out.append(f"{where}: ID {token} is another element's")
            elif kind == "ID":
                ids[token] = name
            elif kind.startswith("IDREF"):
                refs.extend((where, key, r) for r in token.split())
        out.extend(f"{where}: attribute {k} is unknown" for k in e.keys() if k not in KNOWN[name])

        children = [c.tag.removeprefix(DDI) for c in e]
        if name in MODELS:
            if not MODELS[name].fullmatch("".join(c + " " for c in children)):
                out.append(f"{where}: children {' '.join(c for c, _ in groupby(children)) or 'missing'}, want {CONTENT[name]}")
            if "".join([e.text or "", *(c.tail or "" for c in e)]).strip():
                out.append(f"{where}: text among the children")
        elif children:
            out.append(f"{where}: children in text: not compared with the schema")
        ours(e, name, where)
        number: Counter[str] = Counter()
        for c, child in zip(e, children, strict=True):
            number[child] += 1
            there = f"{where}/{child}[{number[child]}]"
            if child in KNOWN:
                check(c, there)
            else:
                out.append(f"{there}: not compared with the schema")

    def ours(e: ET.Element, name: str, where: str) -> None:
        # The schema has text in these places; we write numbers and dates.
        if name in ("caseQnty", "varQnty") and not re.fullmatch(r"[0-9]+", e.text or ""):
            out.append(f"{where}: {e.text!r} is no number")
        if name == "var" and not re.fullmatch(r"[0-9]*", e.get("dcml", "")):
            out.append(f"{where}: decimals {e.get('dcml')!r}")
        if name == "prodDate" and not (len(day := e.get("date", "")) == 10 and is_date(day)):
            out.append(f"{where}: {e.get('date')!r} is no date")

    check(root, "codeBook")
    for where, key, ref in refs:
        if ref not in ids:
            out.append(f"{where}: {key} refers to {ref}, which no element has for ID")
        elif key == "files" and ids[ref] != "fileDscr":
            out.append(f"{where}: files refers to {ref}, which is no file")
    return out


def find(root: ET.Element, name: str) -> tuple[ET.Element, ET.Element]:
    """The first element of a name, and its parent."""
    return next((e, p) for p in root.iter() for e in p if e.tag == DDI + name)


def remove(name: str) -> Callable:
    return lambda root: (lambda e, p: p.remove(e))(*find(root, name))


def twice(name: str) -> Callable:
    return lambda root: (lambda e, p: p.insert(list(p).index(e), copy.deepcopy(e)))(*find(root, name))


def write(name: str, text: str) -> Callable:
    return lambda root: setattr(find(root, name)[0], "text", text)


def put(name: str, key: str, value: str) -> Callable:
    return lambda root: next(root.iter(DDI + name)).set(key, value)


def drop(name: str, key: str) -> Callable:
    return lambda root: find(root, name)[0].attrib.pop(key)


def add(name: str, tag: str) -> Callable:
    return lambda root: ET.SubElement(next(root.iter(DDI + name)), tag)


def swap(name: str, a: str, b: str) -> Callable:
    def change(root: ET.Element) -> None:
        for e in root.iter(DDI + name):
            for i in range(len(e) - 1):
                if (e[i].tag, e[i + 1].tag) == (a, b):
                    e[i], e[i + 1] = e[i + 1], e[i]
                    return

    return change


# Damage that some element must be there for. Written by hand, not drawn from
# the tables above.
BY_HAND = {
    **{f"no {n}": remove(n) for n in ("stdyDscr", "citation", "titlStmt", "titl")},
    **{
        f"two of {n}": twice(n)
        for n in ("titlStmt", "titl", "prodStmt", "fileName", "fileCont", "dimensns", "fileType", "catValu", "varFormat")
    },
    "an ID twice": twice("fileDscr"),
    "an ID of a file for a variable": put("var", "ID", "F1"),
    "an ID with a space": put("var", "ID", "F1 V1"),
    "an ID that begins with a digit": put("var", "ID", "1V1"),
    "an empty ID": put("var", "ID", ""),
    "a variable of no file": put("var", "files", "F999"),
    "a variable of a file and of none": put("var", "files", "F1 F999"),
    "a variable that is its own file": put("var", "files", "F1V1"),
    "files without any": put("var", "files", ""),
    "a note of nothing": put("notes", "parent", "X1"),
    "the same note as nothing": put("notes", "sameNote", "X1"),
    "a variable without a name": drop("var", "name"),
    "another version": put("codeBook", "version", "2.6"),
    "intrvl": put("var", "intrvl", "continuous"),
    "nature": put("var", "nature", "Nominal"),
    "temporal": put("var", "temporal", "true"),
    "representationType": put("var", "representationType", "string"),
    "type of a format": put("varFormat", "type", "date"),
    "schema of a format": put("varFormat", "schema", "iso"),
    "category of a format": put("varFormat", "category", "datetime"),
    "other category": put("varFormat", "otherCategory", "two words"),
    "missing": put("catgry", "missing", "yes"),
    "level of a number": put("IDNo", "level", "order"),
    "kind of abstract": put("abstract", "contentType", "assumption"),
    "source": put("labl", "source", "Sluss"),
    "language": put("labl", XML + "lang", "sv_SE"),
    "agency": put("codeBook", "codeBookAgency", "a b"),
    "a date of an element": put("var", "elementVersionDate", "2026-02-30"),
    "a date in words": put("var", "elementVersionDate", "yesterday"),
    "a day of production": put("prodDate", "date", "2026-13-01"),
    "decimals in words": put("var", "dcml", "three"),
    "rows in words": write("caseQnty", "many"),
    "columns in words": write("varQnty", "7 columns"),
    "rows without a number": write("caseQnty", ""),
    "words in a variable": write("var", "text"),
    "words among the files": write("fileTxt", "text"),
    "another namespace": lambda root: setattr(root, "tag", "{ddi:codebook:2_6}codeBook"),
    "a part of a codebook": lambda root: setattr(root, "tag", DDI + "dataDscr"),
}


def damages(root: ET.Element) -> Iterator[tuple[str, Callable]]:
    """Ways to break a codebook: those above, and some for each element and each pair of neighbours in it."""
    yield from BY_HAND.items()
    done = set()
    for e in root.iter():
        name = e.tag.removeprefix(DDI)
        if name not in done:
            done.add(name)
            yield f"an unknown attribute of {name}", put(name, "nonsense", "x")
            yield f"an unknown element in {name}", add(name, DDI + "nonsense")
            yield f"a codebook in {name}", add(name, DDI + "codeBook")
            yield f"an element of XHTML in {name}", add(name, "{http://www.w3.org/1999/xhtml}p")
        for a, b in zip(e, e[1:]):
            if a.tag != b.tag and (name, a.tag, b.tag) not in done:
                done.add((name, a.tag, b.tag))
                yield f"{b.tag.removeprefix(DDI)} before {a.tag.removeprefix(DDI)}", swap(name, a.tag, b.tag)


def main(paths: list[Path]) -> None:
    elements, found, undamaged = 0, 0, set(BY_HAND)
    for path in paths:
        root = ET.parse(path).getroot()
        if wrong := faults(root):
            sys.exit("\n".join(f"{path}: {f}" for f in wrong))
        elements += sum(1 for _ in root.iter())
        for what, damage in damages(root):
            broken = copy.deepcopy(root)
            try:
                damage(broken)
            except (StopIteration, KeyError):
                continue  # a file without such an element; another must have one
            if not faults(broken):
                sys.exit(f"{path}: passes with {what}")
            undamaged.discard(what)
            found += 1
    if undamaged:
        sys.exit(f"damage that no file could take: {', '.join(sorted(undamaged))}")
    print(f"{len(paths)} files, {elements} elements, {found} damaged copies found")


if __name__ == "__main__":
    main([Path(p) for p in sys.argv[1:]])
