"""What an earlier run left is kept only where executing it again would leave the same."""

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from assess import intake
from assess.core import reads, signature
from assess.core.atomic_folder import Manifest
from assess.core.cache import Cache
from assess.core.estimate import Estimate
from assess.decisions.assessment import Assessment
from assess.intake.assumptions import Assumptions, defaults
from assess.report import chapters, shipped
from assess.report.execution import INJECTED, TRACE, Earlier, ExecutionRecord, Trace, fingerprints, tidy

MAKERS = {
    "1_value_stream": chapters.value_stream,
    "2_data_quality": chapters.data_quality,
    "3_integration_profile": chapters.integration_profile,
    "4_build_or_buy": chapters.build_or_buy,
    "5_total_cost": chapters.total_cost,
    "6_governance": chapters.governance,
    "7_operations": chapters.operations,
    "8_readiness_and_risk": chapters.readiness_and_risk,
    "9_roadmap": chapters.roadmap,
}


@pytest.fixture(scope="module")
def engagement(tmp_path_factory):
    return intake.load(intake.init(tmp_path_factory.mktemp("reuse") / "acme"))


def fresh(engagement):
    """Return an assessment to which nothing is known before."""
    assessment = Assessment(engagement, draws=60)
    assessment._cache = Cache(None)
    return assessment


def asked(engagement, name):
    """Ask one chapter of a fresh assessment; its content, and what was read for it."""
    with reads.recorded() as seen:
        chapter = MAKERS[name](fresh(engagement))
    return chapter.to_json(), frozenset(seen)


def row(table, **values):
    def change(engagement):
        first, *rest = getattr(engagement, table)
        return {table: (first.model_copy(update=values), *rest)}

    return change


def block(name, **values):
    return lambda engagement: {name: getattr(engagement, name).model_copy(update=values)}


def own(key):
    def change(engagement):
        default = defaults()[key]
        update = {"likely": (default.likely + default.high) / 2, "overridden": True}
        return {"assumptions": Assumptions(overrides={key: default.model_copy(update=update)})}

    return change


def first(topic):
    return next(key for key in defaults() if key.startswith(topic) and defaults()[key].high > defaults()[key].likely)  # fmt: skip


CHANGES = {
    "client": lambda e: {"client": "Somebody else"},
    "title": lambda e: {"title": "Another title"},
    "discount rate": lambda e: {"discount_rate": 0.11},
    "horizon": lambda e: {"horizon_years": 3},
    "holidays": lambda e: {"holidays": ("2026-01-15",)},
    "start": lambda e: {"start": dt.date(2026, 8, 3)},
    "people": block("team", people=9),
    "budget": block("constraints", budget=1000.0),
    "goal": row("goals", target=0.5),
    "system": row("systems", owner="Nobody"),
    "volume": row("integrations", volume=Estimate.point(77_000)),
    "step": row("value_stream", complete_accurate=0.5),
    "answer": row("readiness", answer="1"),
    "risk": row("risks", loss_high=9e6),
    "product": row("stack", owner="Nobody"),
    "change request": row("change_requests", title="Another wish"),
    "incident": row("incidents", reopened=3),
    **{f"own {topic}": own(first(topic)) for topic in ("value_stream.", "framework.", "people.", "roadmap.", "risk.", "remediation.", "operations.", "maintenance.")},
}  # fmt: skip


@pytest.fixture(scope="module")
def changed(engagement):
    """By title of the change, the engagement changed so, and its assessment, of which every chapter is asked."""
    found = {}
    for title, change in CHANGES.items():
        update = change(engagement)
        assert any(getattr(engagement, key) != value for key, value in update.items()), title
        other = engagement.model_copy(update=update)
        found[title] = other, fresh(other)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", MAKERS)
def test_a_chapter_whose_reads_are_unchanged_says_the_same(engagement, changed, name):
    before, seen = asked(engagement, name)
    known = fingerprints(engagement, seen)
    kept, asked_again = [], []
    for title, (other, assessment) in changed.items():
        if fingerprints(other, seen) == known:
            kept.append(title)
            assert MAKERS[name](assessment).to_json() == before, (
                f"{name} was kept although {title} changes it"
            )
        else:
            asked_again.append(title)
    assert "title" in kept
    assert asked_again


def test_reads_are_told_apart(engagement):
    with reads.recorded() as seen:
        _ = engagement.risks, engagement.assumptions["value_stream.hour_cost"]
        engagement.locate("extracts/shop_customers.csv")
    assert seen == {
        "field risks",
        "assumption value_stream.hour_cost",
        "file extracts/shop_customers.csv",
    }
    with reads.recorded() as seen, reads.silent():
        engagement.to_json()
    assert seen == set()
    with reads.recorded() as seen:
        engagement.to_json()
    assert seen == {reads.EVERYTHING}


def test_what_can_t_be_told_never_fits(engagement):
    found = fingerprints(engagement, ["file postgres://host/table", "field folder", "field x", "nonsense"])
    assert found == {}


def test_a_kept_result_brings_what_it_read(engagement, tmp_path):
    cache = Cache(tmp_path)
    compute = lambda: Assumptions(overrides={"x": engagement.assumptions.entry("people.fte.ipaas")})  # noqa: E731
    for _ in range(2):
        with reads.recorded() as seen:
            cache.get(Assumptions, ("x",), compute)
        assert "assumption people.fte.ipaas" in seen


def test_a_kept_answer_brings_what_the_answers_before_it_read(tmp_path):
    """Also those that had been computed when it was asked for: the roadmap reads the decision, and that the styles' fit."""

    def seen_by(cache, *answers):
        assessment = Assessment.open(Path("data/samples/minimal"), draws=60)
        assessment._cache = cache
        for name in answers[:-1]:
            getattr(assessment, name)
        with reads.recorded() as seen:
            found = getattr(assessment, answers[-1]).to_json()
        return found, seen

    fresh = seen_by(Cache(None), "roadmap")
    assert seen_by(Cache(tmp_path), "framework", "decision", "roadmap") == fresh
    kept = sorted(tmp_path.iterdir())
    assert seen_by(Cache(tmp_path), "roadmap") == fresh
    assert sorted(tmp_path.iterdir()) == kept, "nothing was computed"


def test_every_notebook_ends_with_its_conclusion():
    """What is read after the conclusion would not be noted."""
    for path in shipped.notebooks().values():
        code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        assert code[-1].source.splitlines()[-1] == "notebook_display.conclude(chapter)"
        assert sum("notebook_display.conclude" in cell.source for cell in code) == 1


def test_what_differs_from_execution_to_execution_is_removed():
    cell = nbformat.v4.new_code_cell("x = 1", metadata={"tags": [INJECTED], "papermill": {"duration": 1}, "execution": {}})  # fmt: skip
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"papermill": {"output_path": "/a/b"}})
    tidy(notebook)
    assert notebook.metadata == {}
    assert cell.metadata == {"tags": [INJECTED]}
    assert cell.id == INJECTED


ASSESS = [sys.executable, "-m", "assess.cli", "run", "acme", "-p", "draws", "200", "--time", "2026-11-22T09:00"]  # fmt: skip


def run(folder: Path, out: str, *more: str) -> set[str]:
    """Run, and return the notebooks that were kept."""
    done = subprocess.run(
        [*ASSESS, "-o", out, *more], cwd=folder, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("kept, ")]
    return set(said[0].split(": ")[1].split(", ")) if said else set()


def files(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")


def own_price(acme: Path) -> None:
    path = acme / "engagement.yaml"
    path.write_text(path.read_text("utf-8") + "\nassumptions:\n  maintenance.custom: 0.31\n", "utf-8")


def another_extract(acme: Path) -> None:
    edit(acme / "extracts" / "shop_customers.csv", ",", ", ")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "only", "kept"),
    [
        (own_price, (), {"1_value_stream", "2_data_quality", "7_operations"}),
        (another_extract, ("--only", "1,2,3"), {"1_value_stream"}),
    ],
)
def test_a_partial_run_leaves_byte_for_byte_what_a_full_run_leaves(tmp_path, change, only, kept):
    acme = intake.init(tmp_path / "acme")
    assert run(tmp_path, "out", *only) == set()
    change(acme)
    assert run(tmp_path, "out", *only) == kept
    assert run(tmp_path, "fresh", "--fresh", *only) == set()
    partial, full = files(tmp_path / "out"), files(tmp_path / "fresh")
    assert [name for name in full if partial.get(name) != full[name]] == []
    assert partial.keys() == full.keys()


@pytest.mark.slow
def test_what_somebody_changed_in_the_report_is_not_kept(tmp_path):
    intake.init(tmp_path / "acme")
    run(tmp_path, "out", "--only", "1,3")
    notebook = tmp_path / "out" / "notebooks" / "1_value_stream.ipynb"
    notebook.write_text(notebook.read_text("utf-8").replace("Value stream", "Nothing"), "utf-8")
    assert run(tmp_path, "out", "--only", "1,3") == {"3_integration_profile"}
    assert json.loads((tmp_path / "out" / TRACE).read_text("utf-8"))["notebooks"].keys() == {"1_value_stream", "3_integration_profile"}  # fmt: skip
    assert "Nothing" not in notebook.read_text("utf-8")
    assert "Nothing" in (tmp_path / "out" / "kept" / "notebooks" / "1_value_stream.ipynb").read_text("utf-8")
    forged = tmp_path / "out" / TRACE
    forged.write_text(forged.read_text("utf-8") + " ", "utf-8")
    assert run(tmp_path, "out", "--only", "1,3") == set()


def test_a_report_of_somebody_else_is_not_reused_whatever_it_says(tmp_path, monkeypatch):
    with monkeypatch.context() as other:
        other.setenv(signature.STATE, str(tmp_path / "other"))
        for name in ("out", "mine"):
            trace = Trace(notebooks={"x": ExecutionRecord(made_by="m", reads={}, files={})})
            (tmp_path / name).mkdir()
            (tmp_path / name / TRACE).write_text(trace.to_json(), "utf-8")
            Manifest.of(tmp_path / name).write(tmp_path / name)
    assert Earlier.at(tmp_path / "out").trace == Trace()
    Manifest.of(tmp_path / "mine").write(tmp_path / "mine")
    assert Earlier.at(tmp_path / "mine").trace == trace
    (tmp_path / "mine" / TRACE).write_text(trace.to_json().replace("m", "n", 1), "utf-8")
    assert Earlier.at(tmp_path / "mine").trace == Trace()
