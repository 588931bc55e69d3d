"""How long a catalog of 10,000 entities and 30,000 edges takes: load, validate, and every impact set.

The physical limit is parsing the same YAML with libyaml to events and throwing them away; the ratio compares both in the
same run on the same machine. CPU seconds are what the work takes of a processor, whatever else runs.

Run: ``python benchmarks/catalog_speed.py [--check]``. With ``--check`` the exit code is 1 if it takes more than 3 CPU
seconds and more than ``LIMIT`` times the parsing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from assess.evidence.catalog import read
from assess.evidence.catalog.reading import read_files
from assess.evidence.catalog.result import Catalog
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Engagement
from assess.report.check import CheckedEvidence, check, render

ENTITIES, EDGES, FILES = 10_000, 30_000, 200
SECONDS = 3.0
LIMIT = 10.0
ROUNDS = 3

KINDS = ("Component",) * 6 + ("API",) * 3 + ("Resource",)


def descriptors(entities: int, edges: int, seed: int = 7) -> list[str]:
    """Return descriptors that hang together: teams, systems, and components, APIs and resources with their references."""
    draw = random.Random(seed)
    teams, systems = max(1, entities // 200), max(1, entities // 50)
    texts = [_entity("Group", f"team-{n}", {"type": "team", "children": []}) for n in range(teams)]
    texts += [_entity("System", f"system-{n}", {"owner": f"team-{n % teams}"}) for n in range(systems)]
    kinds = [draw.choice(KINDS) for _ in range(entities - teams - systems)]
    names = [f"{kind.lower()}-{n}" for n, kind in enumerate(kinds)]
    apis = [name for name, kind in zip(names, kinds, strict=True) if kind == "API"]
    sources = [n for n, kind in enumerate(kinds) if kind != "API"]
    needs: dict[int, list[tuple[str, str]]] = {}
    for _ in range(edges):
        n = draw.choice(sources)
        to = draw.randrange(len(kinds))
        field = (
            draw.choice(("consumesApis", "providesApis", "dependsOn"))
            if kinds[n] == "Component"
            else "dependsOn"
        )
        target = f"{kinds[to].lower()}:{names[to]}" if field == "dependsOn" else draw.choice(apis)
        needs.setdefault(n, []).append((field, target))
    for n, (kind, name) in enumerate(zip(kinds, names, strict=True)):
        spec: dict[str, object] = {"type": "service", "lifecycle": "production", "owner": f"team-{n % teams}", "system": f"system-{n % systems}"}  # fmt: skip
        if kind == "API":
            spec |= {"type": "openapi", "definition": f"openapi: 3.1.0 # {name}"}
        for field, target in needs.get(n, ()):
            spec.setdefault(field, []).append(target)  # type: ignore[attr-defined]
        texts.append(_entity(kind, name, spec))
    return texts


def _entity(kind: str, name: str, spec: dict[str, object]) -> str:
    metadata = {
        "name": name,
        "description": f"The {kind} {name}",
        "annotations": {"assess.example/sla": "99.5"},
    }
    entity = {"apiVersion": "backstage.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}
    return yaml.dump(entity, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False)


def written(folder: Path, texts: list[str]) -> Engagement:
    """Write the descriptors into files of a catalog folder; return the engagement."""
    (folder / "catalog").mkdir()
    paths = []
    for n in range(FILES):
        path = f"catalog/part-{n:03d}.yaml"
        (folder / path).write_text("---\n".join(texts[n::FILES]), "utf-8")
        paths.append(path)
    return Engagement(folder=folder, client="Benchmark", assumptions=Assumptions(), catalog=tuple(paths))


def parsed(engagement: Engagement) -> None:
    """Read the files and parse them to events: no program that reads YAML can be faster."""
    for path in engagement.catalog:
        parser = yaml.CSafeLoader((engagement.folder / path).read_text("utf-8"))
        while parser.get_event() is not None:
            pass


def loaded(engagement: Engagement) -> Catalog:
    """Load, validate, and compute the impact sets of every entity in both directions."""
    out = read_files(engagement)
    catalog = Catalog.model_construct(
        entities=tuple(out.entities.values()), relations=tuple(out.relations), problems=tuple(out.problems)
    )
    assert len(catalog.graph.reach()) == len(catalog.entities)
    return catalog


def checked(engagement: Engagement) -> str:
    """Check the engagement and write the answer as SARIF."""
    today = dt.date(2026, 10, 1)
    evidence = CheckedEvidence.of(engagement, today)
    return render(check(engagement, evidence, today=today), "sarif")


def seconds(work: Callable[[], object]) -> float:
    """Return the least CPU time of several rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    strict = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        engagement = written(Path(folder), descriptors(ENTITIES, EDGES))
        catalog = loaded(engagement)
        edges = sum(r.type in ("dependsOn", "consumesApi", "providesApi") for r in catalog.relations)
        limit = seconds(lambda: parsed(engagement))
        all_ = seconds(lambda: loaded(engagement))
        graph = seconds(lambda: loaded_graph(catalog))
        judged = seconds(lambda: read(engagement))
        gate = seconds(lambda: checked(engagement))
    print(
        f"{len(catalog.entities):,} entities, {edges:,} edges, {len(catalog.relations):,} relations, {len(catalog.problems)} problems"
    )
    print(f"parsing the YAML alone            {limit:6.2f} s CPU")
    print(f"load, validate, all impact sets   {all_:6.2f} s CPU, {all_ / limit:.1f} times the parsing")
    print(f"  of it all impact sets           {graph:6.2f} s CPU")
    print(f"with findings and facts           {judged:6.2f} s CPU")
    print(f"the whole gate, read and written  {gate:6.2f} s CPU")
    return int(strict and all_ > SECONDS and all_ / limit > LIMIT)


def loaded_graph(catalog: Catalog) -> int:
    """Compute every impact set of a catalog anew."""
    fresh = Catalog.model_construct(entities=catalog.entities, relations=catalog.relations)
    return sum(fresh.graph.reach().values())


if __name__ == "__main__":
    sys.exit(main())
