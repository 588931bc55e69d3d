"""Every export is opened by a reader that is not ours.

MPXJ needs Java and the PyPI packages ``mpxj`` and ``jpype1``; Mermaid and mxGraph (the library under draw.io) are Node packages:
``npm install mermaid mxgraph``, and their ``node_modules`` named in ASSESS_NODE_MODULES. Without them these tests skip.
"""

import io
import json
import os
import re
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import yaml

from assess.evidence.contracts import formats
from assess.report.export import export

SAMPLES = ("lead_to_cash", "legacy_manufacturer", "minimal")


def one(assessment, name):
    (content,) = export(assessment, name).values()
    return content


def backstage_validator(kind):
    """Validator of a kind by the schemas of @backstage/catalog-model."""
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT7

    folder = files("assess.evidence.catalog").joinpath("backstage")
    schemas = [json.loads(f.read_text("utf-8")) for f in folder.iterdir() if f.name.endswith(".json")]
    registry = Registry().with_resources((s["$id"], Resource(s, DRAFT7)) for s in schemas)
    schema = next(s for s in schemas if s["$id"] == f"{kind.capitalize()}V1alpha1")
    return jsonschema.Draft7Validator(schema, registry=registry)


@pytest.mark.parametrize("name", SAMPLES)
def test_backstage_by_its_schemas(name, sample):
    entities = list(yaml.safe_load_all(one(sample(name), "backstage")))
    assert {entity["kind"] for entity in entities} >= {"Group", "Component", "API"}
    for entity in entities:
        definition = entity["spec"].get("definition")
        if isinstance(definition, dict):  # Backstage puts the file in its place before it validates
            assert (
                list(definition) == ["$text"] and (sample(name).stated.folder / definition["$text"]).is_file()
            )
            entity["spec"]["definition"] = "as the file says"
        errors = list(backstage_validator(entity["kind"]).iter_errors(entity))
        assert not errors, (entity["metadata"]["name"], errors[0].message)
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", entity["metadata"]["name"])
    names = [(e["kind"], e["metadata"]["name"]) for e in entities]
    assert len(names) == len(set(names))
    known = {kind: {n for k, n in names if k == kind} for kind in ("Group", "API")}
    for entity in entities:
        spec = entity["spec"]
        assert {spec["owner"]} <= known["Group"] if "owner" in spec else entity["kind"] == "Group"
        assert {*spec.get("providesApis", ()), *spec.get("consumesApis", ())} <= known["API"]


def test_contracts_by_the_published_schemas(sample):
    """OpenAPI by openapi-spec-validator, AsyncAPI by the schema of @asyncapi/specs."""
    validate = pytest.importorskip("openapi_spec_validator").validate
    kinds = set()
    for file, text in export(sample("lead_to_cash"), "contracts").items():
        document = yaml.safe_load(text)
        kinds.add(file.split(".")[1])
        if "openapi" in document:
            validate(document)
        else:
            schema = formats.published("asyncapi-3.0")
            jsonschema.validators.validator_for(schema)(schema).validate(document)
    assert kinds == {"openapi", "asyncapi"}


def test_slides_by_python_pptx(sample):
    pptx = pytest.importorskip("pptx")
    lead = sample("lead_to_cash")
    content = one(lead, "pptx")
    assert content == one(lead, "pptx")
    deck = pptx.Presentation(io.BytesIO(content))
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides]
    assert len(titles) == 6 and all(titles) and len(set(titles)) == 6
    table = next(shape.table for shape in deck.slides[1].shapes if shape.has_table)
    shown = [cell.text for cell in table.columns[0]._gridCol.getparent().getparent().tr_lst[0].tc_lst]
    assert shown[0] == "Option"
    labels = {table.cell(row, 0).text for row in range(1, len(table.rows))}
    assert labels <= {option.label for option in lead.decision.options} and "Proposed" in labels
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.left + shape.width <= deck.slide_width
            assert shape.top >= 0 and shape.top + shape.height <= deck.slide_height


def test_the_page_is_one_page(sample, chromium, tmp_path):
    for name in SAMPLES:
        content = export(sample(name), "brief")["brief.html"]
        page = chromium.new_page()
        page.set_content(content)
        printed = page.pdf(format="A4", prefer_css_page_size=True)
        page.close()
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1, name


def test_the_pdf_is_one_page(sample, chromium):
    printed = export(sample("lead_to_cash"), "pdf")["brief.pdf"]
    assert printed.startswith(b"%PDF-") and len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_the_roadmap_by_mpxj(sample, tmp_path):
    """MPXJ reads the same tasks, days, hours, predecessors and owners that the roadmap holds."""
    jpype = pytest.importorskip("jpype", reason="needs mpxj and Java")
    pytest.importorskip("mpxj", reason="needs mpxj and Java")
    plan = sample("lead_to_cash").roadmap
    file = tmp_path / "roadmap.xml"
    file.write_text(one(sample("lead_to_cash"), "msproject"), "utf-8")
    if not jpype.isJVMStarted():
        try:
            jpype.startJVM(convertStrings=True)
        except jpype.JVMNotFoundException:
            pytest.skip("no Java")
    project = jpype.JClass("org.mpxj.reader.UniversalProjectReader")().read(str(file))
    tasks = {str(task.getName()): task for task in project.getTasks() if not task.getSummary()}
    placed = [item for item in plan.items if item.end is not None]
    assert len(tasks) == len(placed)
    for item in placed:
        task = tasks[item.label]
        hours = {"h": 1, "d": 8}[str(task.getWork().getUnits())]
        assert float(str(task.getWork().getDuration())) * hours == pytest.approx(item.days * 8, abs=0.02)
        assert str(task.getStart())[:10] >= plan.start.isoformat()
        assert len(list(task.getPredecessors())) == sum(any(o.id == id for o in placed) for id in item.after)
        (assignment,) = task.getResourceAssignments()
        assert str(assignment.getResource().getName()) == (item.owner or "nobody yet")


def test_the_roadmap_has_each_task_below_its_kind(sample):
    space = {"p": "http://schemas.microsoft.com/project"}
    root = ET.fromstring(one(sample("lead_to_cash"), "msproject"))
    tasks = root.findall("p:Tasks/p:Task", space)
    uids = [task.findtext("p:UID", namespaces=space) for task in tasks]
    assert len(uids) == len(set(uids))
    for task in tasks:
        start, finish = (task.findtext(f"p:{end}", namespaces=space) for end in ("Start", "Finish"))
        assert start < finish


@pytest.fixture(scope="module")
def modules():
    folder = Path(os.environ.get("ASSESS_NODE_MODULES", "/nowhere"))
    if not folder.is_dir():
        pytest.skip(
            "no Node packages: npm install mermaid mxgraph, and name node_modules in ASSESS_NODE_MODULES"
        )
    return folder


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("name", SAMPLES)
def test_the_landscape_by_mermaid(name, sample, chromium, modules):
    found = sample(name)
    page = chromium.new_page()
    page.set_content("<div></div>")
    page.add_script_tag(path=str(modules / "mermaid" / "dist" / "mermaid.min.js"))
    drawn = page.evaluate(
        "async text => { mermaid.initialize({startOnLoad: false}); return (await mermaid.render('drawn', text)).svg }",
        one(found, "mermaid"),
    )
    page.set_content(drawn)
    counts = [page.locator(kind).count() for kind in ("g.node", "path.flowchart-link")]
    page.close()
    ends = {end for row in found.engagement.integrations for end in (row.source, row.target)}
    assert counts == [len(ends), len(found.engagement.integrations)]


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("name", SAMPLES)
def test_the_landscape_by_mxgraph(name, sample, chromium, modules):
    """The codec of mxGraph, on which draw.io is built, reads every system and arrow, each arrow with both its ends."""
    found = sample(name)
    page = chromium.new_page()
    page.set_content("<div id='drawn'></div>")
    page.evaluate(
        "() => { window.mxLoadResources = false; window.mxLoadStylesheets = false; window.mxBasePath = '' }"
    )
    page.add_script_tag(path=str(modules / "mxgraph" / "javascript" / "mxClient.min.js"))
    counts = page.evaluate(
        """text => {
          const read = mxUtils.parseXml(text), graph = new mxGraph(document.getElementById('drawn'));
          new mxCodec(read).decode(read.getElementsByTagName('mxGraphModel')[0], graph.getModel());
          const cells = Object.values(graph.getModel().cells);
          return [cells.filter(c => c.vertex).length, cells.filter(c => c.edge && c.source && c.target).length];
        }""",
        one(found, "drawio"),
    )
    page.close()
    ends = {end for row in found.engagement.integrations for end in (row.source, row.target)}
    assert counts == [len(ends), len(found.engagement.integrations)]
