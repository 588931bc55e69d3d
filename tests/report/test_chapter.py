import json
from importlib.resources import files

import jsonschema
import pytest
from pydantic import ValidationError

from assess.core.estimate import Estimate
from assess.core.source import Fact, Source
from assess.report.chapter import SCHEMA_VERSION, Chapter, Results, results_schema, write_schema
from assess.report.tables import ColumnSpec, DataTable, TableCell, TableColumn

SOURCE = Source(kind="measurement", place="crm.customers/missing")
OTHER = Source(kind="input", place="systems.csv", row=2)


def chapter(**changes):
    fields = {"number": 1, "key": "k", "title": "t", "question": "q", "verdict": "v"}
    return Chapter(**fields | changes)


class TestChapter:
    def test_a_number_needs_a_source(self):
        with pytest.raises(ValidationError, match="numbers without a source: x"):
            chapter(facts=(Fact(id="x", label="x", value=1.0),))
        chapter(facts=(Fact(id="x", label="x", value="a word"), Fact(id="y", label="y", value=None)))

    def test_an_assessed_chapter_has_a_verdict(self):
        with pytest.raises(ValidationError, match="without a verdict"):
            chapter(verdict="")
        chapter(state="not_assessed", verdict="")

    def test_a_failed_chapter_says_why(self):
        with pytest.raises(ValidationError, match="without an error"):
            chapter(state="failed")

    def test_the_headline_names_facts(self):
        with pytest.raises(ValidationError, match="headline names no fact: y"):
            chapter(headline=("y",))

    def test_no_id_comes_twice(self):
        with pytest.raises(ValidationError, match="facts with the same id: x"):
            chapter(facts=(Fact(id="x", label="x", value=None), Fact(id="x", label="x", value=None)))


class TestResults:
    def test_json_round_trip(self, results):
        assert Results.from_json(results.to_json()) == results
        assert Results.from_json(results.to_json()).to_json() == results.to_json()

    def test_the_order_of_keys_does_not_depend_on_their_input(self, results):
        turned = dict(reversed(results.parameters.items()))
        again = Results.model_validate(results.model_copy(update={"parameters": turned}).model_dump())
        assert again.to_json() == results.to_json()

    def test_chapters_stand_in_order_once(self, results):
        turned = Results.model_validate(results.model_dump() | {"chapters": results.chapters[::-1]})
        assert turned.chapters == results.chapters
        with pytest.raises(ValidationError, match="same key"):
            Results.model_validate(
                results.model_dump() | {"chapters": results.chapters + results.chapters[:1]}
            )

    def test_another_version_is_refused(self, results):
        data = json.loads(results.to_json()) | {"schema_version": "2.0"}
        with pytest.raises(ValidationError, match="schema_version"):
            Results.from_json(json.dumps(data))


class TestSchema:
    def test_the_results_follow_it(self, results):
        jsonschema.Draft202012Validator.check_schema(results_schema())
        jsonschema.validate(json.loads(results.to_json()), results_schema())

    def test_what_is_not_in_it_is_refused(self, results):
        data = json.loads(results.to_json()) | {"invented": 1}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(data, results_schema())

    def test_the_file_that_ships_is_current(self):
        shipped = files("assess.report").joinpath("assets/results.schema.json").read_text("utf-8")
        assert shipped == write_schema(), "write it again: assess.report.schema.text()"
        assert SCHEMA_VERSION in shipped


class TestTables:
    def test_a_column_says_what_it_shows_of_a_record(self):
        records = [("a", 3.0, 2.0), ("b", None, None), ("c", 0.0, 0.0)]
        columns = (
            ColumnSpec("option", "Option", lambda r: r[0], note=lambda r: r[0] * 2),
            ColumnSpec(
                "npv",
                "Cost",
                lambda r: r[1],
                "money",
                unit="EUR",
                sources=(SOURCE.id,),
                low=lambda r: r[2],
            ),
            ColumnSpec(
                "n", "Number", lambda r: 1, "count", trace=lambda r: [OTHER.id] if r[0] == "c" else []
            ),
        )
        table = DataTable.of(records[:2], columns, id="t", caption="c", sources=(SOURCE, OTHER), total=3)
        assert table.rows[0][:2] == (TableCell(value="a", note="aa"), TableCell(value=3.0, low=2.0))
        assert table.rows[1][1] == TableCell(value=None)
        assert table.total == 3
        assert table.columns[1] == TableColumn(
            key="npv", label="Cost", format="money", unit="EUR", sources=(SOURCE.id,)
        )
        assert table.columns[2] == TableColumn(key="n", label="Number", format="number", digits=0)
        assert table.sources == (SOURCE, OTHER)
        assert table.table["npv"].tolist()[0] == 3.0
        table = DataTable.of(records, columns, id="t", caption="c", total=3)
        assert table.total is None
        assert table.rows[2][1] == TableCell(value=0.0, low=0.0)
        assert [row[2].sources for row in table.rows] == [(), (), (OTHER.id,)]

    def test_an_estimate_brings_its_range_and_source(self):
        spread = Estimate(low=1, likely=2, high=4, source=SOURCE)
        columns = (
            ColumnSpec("a", "A", lambda r: r),
            ColumnSpec("b", "B", lambda r: TableCell(value=1, shade=0.5), note=lambda r: "n"),
            ColumnSpec("c", "C", lambda r: r.likely, unit=lambda r: "h"),
        )
        row = DataTable.of([spread], columns, id="t", caption="c").rows[0]
        assert row == (
            TableCell(value=2.0, low=1.0, high=4.0, sources=(SOURCE.id,)),
            TableCell(value=1, shade=0.5, note="n"),
            TableCell(value=2.0, unit="h"),
        )

    def test_a_column_whose_value_is_no_number_is_refused(self):
        bad = ColumnSpec("a", "A", lambda r: TableCell(value=1), low=lambda r: float("nan"))
        with pytest.raises(ValidationError, match="NaN"):
            DataTable.of([1], (bad,), id="t", caption="c")

    def test_rows_are_as_long_as_the_heading(self):
        with pytest.raises(ValidationError, match="row 1 has 1 cells, there are 2 columns"):
            DataTable(
                id="t",
                caption="c",
                columns=(TableColumn(key="a"), TableColumn(key="b")),
                rows=((TableCell(value=1),),),
            )

    @pytest.mark.parametrize("field", ["value", "low", "high", "shade"])
    def test_nan_is_no_value(self, field):
        with pytest.raises(ValidationError, match="NaN"):
            TableCell(**{field: float("nan")})
