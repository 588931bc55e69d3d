import json

import nbformat
import pytest
from nbclient import NotebookClient

from assess.report import showing
from assess.report.chapter import MIMETYPE, Chapter


def test_the_emitted_chapter_is_the_chapter_to_twelve_digits(results):
    for chapter in results.chapters:
        bundle = json.loads(json.dumps(showing.emitted(chapter), allow_nan=False))
        emitted = Chapter.model_validate(bundle[MIMETYPE]).model_dump(mode="json")
        assert same(emitted, chapter.model_dump(mode="json"))


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
    bundles = [*showing.answers(chapter), *showing.proofs(chapter), *showing.conclusions(chapter)]
    assert "The hybrid costs 2.9 M€ in five years" in bundles[0]["text/html"]
    assert MIMETYPE in bundles[-1]
    drawings = [b for b in bundles if showing.PLOTLY in b]
    assert len(drawings) == len(chapter.figures)
    assert not any(d[showing.PLOTLY]["config"]["showSendToCloud"] for d in drawings)


def test_hostile_text_stays_text(filled):
    hostile = filled("<script>alert(1)</script><img src=x onerror=alert(1)>")
    for chapter in hostile.chapters:
        for bundle in (*showing.answers(chapter), *showing.proofs(chapter), *showing.conclusions(chapter)):
            assert "<script" not in bundle.get("text/html", "")
            assert "<img" not in bundle.get("text/html", "")


@pytest.mark.slow
def test_in_a_notebook(results, tmp_path):
    chapter = next(c for c in results.chapters if c.key == "data_quality")
    (tmp_path / "chapter.json").write_text(chapter.to_json(), "utf-8")
    code = (
        "from pathlib import Path\n"
        "from assess.report.chapter import Chapter\n"
        "from assess.report.showing import show\n"
        "show(Chapter.from_json(Path('chapter.json').read_text('utf-8')))"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    client = NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}, kernel_name="python3")
    outputs = client.execute().cells[0].outputs
    assert {output.output_type for output in outputs} == {"display_data"}
    assert Chapter.model_validate(outputs[-1].data[MIMETYPE]) == chapter
