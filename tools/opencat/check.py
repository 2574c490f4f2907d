"""Checks the catalogue as open data with readers that share no code with us.

    python check.py DIR SHAPES.ttl

DIR is what `sluss catalog publish` wrote. Turtle and JSON-LD must say the same
(rdflib), the DCAT-AP 3.0.1 shapes must hold for both graphs (pySHACL), and
copies from which something mandatory is taken must not pass: a check that
cannot fail is none. SHAPES.ttl is releases/3.0.1/html/shacl/shapes.ttl of
SEMICeu/DCAT-AP.
"""

import sys
from pathlib import Path

from pyshacl import validate
from rdflib import Graph, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCTERMS, FOAF, RDF

DCAT = Namespace("http://www.w3.org/ns/dcat#")
# What is taken away, of the things of which class, and whether the catalogue
# alone has it.
DAMAGE = [
    (DCAT.Dataset, DCTERMS.title),
    (DCAT.Dataset, DCTERMS.description),
    (DCAT.Distribution, DCAT.accessURL),
    (FOAF.Agent, FOAF.name),
    (DCAT.Catalog, DCTERMS.title),
    (DCAT.Catalog, DCTERMS.description),
    (DCAT.Catalog, DCTERMS.publisher),
]


def conforms(graph: Graph, shapes: Graph) -> tuple[bool, str]:
    ok, _, text = validate(graph, shacl_graph=shapes, inference="none")
    return ok, text


def main(folder: Path, shapes_file: Path) -> int:
    shapes = Graph().parse(shapes_file, format="turtle")
    faults = caught = 0
    for name in ("catalog", "health"):
        graph = Graph().parse(folder / f"{name}.ttl", format="turtle")
        other = Graph().parse(folder / f"{name}.jsonld", format="json-ld")
        if not isomorphic(graph, other):
            print(f"FAILED   {name}: Turtle and JSON-LD differ ({len(graph)} and {len(other)} triples)")
            faults += 1
        ok, text = conforms(graph, shapes)
        if not ok:
            print(f"FAILED   {name}: {text}")
            faults += 1
        for kind, what in DAMAGE:
            things = sorted(graph.subjects(RDF.type, kind))
            if not things:
                continue
            broken = Graph()
            for t in graph:
                if not (t[0] == URIRef(things[0]) and t[1] == what):
                    broken.add(t)
            if conforms(broken, shapes)[0]:
                print(f"FAILED   {name}: passes without {what} of {kind}")
                faults += 1
            else:
                caught += 1
        print(f"{name}: {len(graph)} triples, {len(set(graph.subjects(RDF.type, DCAT.Dataset)))} datasets")
    print(f"2 graphs in 2 formats, {caught} damaged copies found, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
