#!/usr/bin/env python3
"""The part of the Typst command line that Sluss uses, on the Typst of PyPI.

For machines where Typst comes from PyPI (package typst) and not as a program:
name this file where Sluss asks for Typst.
"""
import argparse
import sys

import typst

p = argparse.ArgumentParser()
p.add_argument("command", choices=["compile"])
p.add_argument("--root", required=True)
p.add_argument("--ignore-system-fonts", action="store_true")
p.add_argument("--pdf-standard", required=True)
p.add_argument("--creation-timestamp", type=int, required=True)
p.add_argument("source")
p.add_argument("out")
a = p.parse_args()
try:
    typst.Compiler(a.source, root=a.root, ignore_system_fonts=a.ignore_system_fonts).compile(
        output=a.out, format="pdf", pdf_standards=a.pdf_standard.split(","), timestamp=a.creation_timestamp
    )
except typst.TypstError as e:
    sys.exit(f"{type(e).__name__}: {e}")
