import json
import xml.etree.ElementTree as ET
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from assess.report import notebook_display
from assess.report.chapter import Chapter, FactsFile
from assess.report.charts.drawing import DARK, LIGHT, Drawing, Word
from assess.report.charts.still import draw_chart
from assess.report.figure import Figure
from assess.report.tables import DataTable, TableCell, TableColumn


def test_the_facts_are_the_chapter_to_twelve_digits(results):
    for chapter in results.chapters:
        left = Chapter.model_validate(json.loads(notebook_display.facts(chapter))).model_dump(mode="json")
        assert same(left, chapter.model_dump(mode="json"))


def test_the_fingerprint_follows_every_fact_and_nothing_below_twelve_digits(results):
    chapter = next(c for c in results.chapters if c.key == "total_cost")
    fact = next(f for f in chapter.facts if isinstance(f.value, float))

    def moved(factor):
        facts = tuple(
            f.model_copy(update={"value": f.value * factor}) if f is fact else f for f in chapter.facts
        )
        return signed(chapter.model_copy(update={"facts": facts}))

    assert moved(1 + 1e-9) != signed(chapter)
    assert moved(1 + 1e-15) == signed(chapter)


def signed(chapter):
    return notebook_display.signed(chapter, notebook_display.facts(chapter))


def same(one, other):
    if isinstance(one, float):
        return one == pytest.approx(other, rel=1e-11)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def test_the_answer_comes_first_and_the_chapter_last(results):
    chapter = next(c for c in results.chapters if c.key == "total_cost")
    bundles = [
        *notebook_display.answers(chapter),
        *notebook_display.proofs(chapter),
        *notebook_display.conclusions(chapter, notebook_display.facts(chapter)),
    ]
    assert "The hybrid costs 2.9 M€ in five years" in bundles[0]["text/markdown"]
    assert bundles[-1]["text/plain"].startswith("The facts of chapter 5, Total cost, have the fingerprint ")
    assert sum(notebook_display.SVG in b for b in bundles) == len(chapter.figures)


def test_a_drawing_is_a_picture_of_its_own_under_a_caption_that_is_markup():
    table = DataTable(
        id="steps", caption="Steps", columns=(TableColumn(key="step"),), rows=((TableCell(value="a"),),)
    )
    sketch = Drawing(width=9, height=9, marks=(Word(x=1, y=8, text="a"),))
    figure = Figure(id="map", caption="Two steps", alt="One, then the other.", sketch=sketch, table=table)
    chapter = Chapter(number=1, key="value_stream", title="V", question="Where?", verdict="Here.", figures=(figure,))  # fmt: skip
    answer, title, drawn, *_ = notebook_display.answers(chapter)
    assert "Where?" not in answer["text/markdown"], "the notebook's first cell asks it"
    assert "<strong>Two steps</strong>" in title["text/html"] and "One, then the other." in title["text/html"]
    assert ET.fromstring(drawn[notebook_display.SVG]).tag == "{http://www.w3.org/2000/svg}svg"
    assert "var(" not in drawn[notebook_display.SVG], "a picture of its own has no page to ask for a colour"


def test_a_chart_has_its_own_paper_in_light_and_in_dark(results):
    for figure in (f for c in results.chapters for f in c.figures):
        picture = notebook_display.drawn(figure.sketch or draw_chart(figure.plot), figure.alt)[
            notebook_display.SVG
        ]
        paper = ET.fromstring(picture).find("{http://www.w3.org/2000/svg}rect")
        assert paper.attrib["fill"] == LIGHT["paper"]
        assert f".f-paper{{fill:{DARK['paper']}}}" in picture
        for kind, word in (("fill", "f"), ("stroke", "s")):
            painted = {name for name, colour in LIGHT.items() if f'{kind}="{colour}"' in picture}
            assert all(f".{word}-{name}{{{kind}:{DARK[name]}}}" in picture for name in painted)


def test_a_file_has_a_link_only_where_it_lies(tmp_path, monkeypatch):
    (tmp_path / "report" / "notebooks").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "report" / "notebooks")
    file = FactsFile(path="cleansing/a b.sql", title="a", group="Repairs")
    chapter = Chapter(number=2, key="data_quality", title="D", question="Fit?", verdict="Yes.", files=(file,))

    def shown():
        return notebook_display.conclusions(chapter, "")[0]["text/html"]

    assert "<a " not in shown() and "cleansing/a b.sql" in shown()
    for place, link in (("cleansing", "cleansing/a%20b.sql"), ("../cleansing", "../cleansing/a%20b.sql")):
        Path(place).mkdir()
        Path(place, "a b.sql").touch()
        assert f'href="{link}"' in shown()


def test_hostile_text_stays_text(filled):
    hostile = filled("<script>alert(1)</script><img src=x onerror=alert(1)>")
    for chapter in hostile.chapters:
        for bundle in (
            *notebook_display.answers(chapter),
            *notebook_display.proofs(chapter),
            *notebook_display.conclusions(chapter, notebook_display.facts(chapter)),
        ):
            assert "<script" not in bundle.get("text/html", "")
            assert "<img" not in bundle.get("text/html", "")


@pytest.mark.slow
def test_in_a_notebook(results, tmp_path):
    chapter = next(c for c in results.chapters if c.key == "data_quality")
    (tmp_path / "chapter.json").write_text(chapter.to_json(), "utf-8")
    code = (
        "from pathlib import Path\n"
        "from assess.report.chapter import Chapter\n"
        "from assess.report.notebook_display import show\n"
        "show(Chapter.from_json(Path('chapter.json').read_text('utf-8')))"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    client = NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}, kernel_name="python3")
    outputs = client.execute().cells[0].outputs
    assert {output.output_type for output in outputs} == {"display_data"}
    assert outputs[-1].data == signed(chapter)


def test_each_display_says_a_sentence_where_nothing_else_is_shown(results):
    for chapter in results.chapters:
        for bundle in (
            *notebook_display.answers(chapter),
            *notebook_display.proofs(chapter),
            *notebook_display.conclusions(chapter, notebook_display.facts(chapter)),
        ):
            for line in bundle["text/plain"].splitlines():
                assert line.endswith((".", "?", "!", "…")), line
