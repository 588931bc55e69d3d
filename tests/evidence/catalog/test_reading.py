"""Descriptors to entities, every mistake with its place."""

import datetime as dt
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assess import intake
from assess.evidence import catalog
from assess.evidence.catalog.documents import KINDS, documents, load, violations
from assess.evidence.catalog.entity import WrongRef, parse

SERVICE = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: {name}
spec:
  type: service
  lifecycle: production
  owner: team
"""


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=6)
WRITTEN = TEXT.filter(
    lambda text: not re.fullmatch(r"[-+]?(\.\d+|\d+\.?\d*)[eE][-+]?\d+|0o[0-7]+", text, re.ASCII)
)
"""Texts that PyYAML quotes where YAML 1.2 would read a number: it writes YAML 1.1, in which ``0E0`` and ``0o7`` are texts."""


def places(problems):
    return [(p.file, p.row, p.column) for p in problems]


class TestReferences:
    # the examples of the Backstage documentation, "Entity References" and "Well-known relations"
    @pytest.mark.parametrize(
        ("text", "kind", "expected"),
        [
            ("component:my-component", "", "component:default/my-component"),
            ("component:default/my-component", "", "component:default/my-component"),
            ("my-component", "Component", "component:default/my-component"),
            ("external-systems/other-api", "API", "api:external-systems/other-api"),
            ("Component:Default/My-Component", "", "component:default/my-component"),
            ("a/b:c", "System", "system:a/b:c"),
        ],
    )
    def test_parts_that_are_left_out(self, text, kind, expected):
        assert parse(text, kind) == expected

    @pytest.mark.parametrize("text", ["", ":x", "component:", "component:/x", "component:a/", "x"])
    def test_what_refers_to_nothing(self, text):
        with pytest.raises(WrongRef):
            parse(text)

    def test_a_reference_inherits_the_namespace_of_its_entity(self, engagement):
        text = SERVICE.format(name="a").replace("name: a", "name: a\n  namespace: ops") + "  system: pay\n"
        read = catalog.read(engagement({"catalog/a.yaml": text}))
        assert read.entities[0].owner == "group:ops/team"
        assert read.entities[0].system == "system:ops/pay"


class TestDocuments:
    def test_several_documents_each_with_its_lines(self, engagement):
        text = (
            "# head\n---\n" + SERVICE.format(name="a") + "--- # next\n\n" + SERVICE.format(name="b") + "---\n"
        )
        read = catalog.read(engagement({"catalog/all.yaml": text}))
        assert [(e.name, e.line, e.line_of("spec.owner")) for e in read.entities] == [
            ("a", 3, 10),
            ("b", 13, 20),
        ]
        lines = text.splitlines()
        for entity in read.entities:
            assert lines[entity.line_of("metadata.name") - 1].strip() == f"name: {entity.name}"

    def test_a_broken_document_does_not_hide_its_neighbours(self, engagement):
        text = SERVICE.format(name="a") + "---\nkind: [Component\n---\n" + SERVICE.format(name="b")
        read = catalog.read(engagement({"catalog/all.yaml": text}))
        assert [e.name for e in read.entities] == ["a", "b"]
        assert len(read.problems) == 1
        assert read.problems[0].row in (10, 11)

    @pytest.mark.parametrize(
        "text",
        [
            "[" * 200_000,
            "a: &a [" + "x, " * 10 + "]\nb: &b [" + "*a, " * 10 + "]\n" + "".join(
                f"c{n}: &c{n} [{'*b, ' * 10 if n == 0 else f'*c{n - 1}, ' * 10}]\n" for n in range(9)
            ),
            "a: &a [*a]",
            "a: *b",
            "? [x]\n: 1",
            "a: 1\na: 2",
            "a: \x07",
            "a: 'open",
        ],
        ids=["deep", "laughs", "circle", "no anchor", "list as key", "key twice", "control", "open quote"],
    )  # fmt: skip
    def test_hostile_yaml_is_told_with_its_line(self, text):
        (found,) = documents("\n" + text)
        assert found.problem
        assert found.line >= 2

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers(-(10**9), 10**9) | WRITTEN,
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WRITTEN, inner, max_size=3),
            max_leaves=12,
        )
    )
    def test_what_was_written_is_read(self, value):
        text = yaml.safe_dump({"x": value}, allow_unicode=True)
        (found,) = documents(text)
        assert found.data == {"x": value}

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    def test_every_encoding_is_read_that_tables_are_read_in(self, engagement, encoding):
        text = SERVICE.format(name="müller").replace("spec:", "  description: größer als früher\nspec:")
        read = catalog.read(engagement({"catalog/a.yaml": text.encode(encoding)}))
        (entity,) = read.entities
        assert (entity.name, entity.kind.lower()) == ("müller", "component")

    def test_what_is_no_text_is_told(self, engagement):
        read = catalog.read(engagement({"catalog/a.yaml": b"a\0b"}))
        assert [p.file for p in read.problems] == ["catalog/a.yaml"]


class TestKinds:
    def test_a_skeleton_and_another_kind_are_skipped_with_a_note(self, engagement):
        skeleton = SERVICE.format(name="${{ values.name }}")
        template = "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata:\n  name: t\n"
        mention = SERVICE.format(name="c").replace("spec:", "  description: writes ${{ x }}\nspec:")
        text = f"{skeleton}---\n{template}---\n{{% if x %}}\n---\n{mention}"
        read = catalog.read(engagement({"catalog/a.yaml": text}))
        assert [e.name for e in read.entities] == ["c"]
        assert [p.row for p in read.skipped] == [1, 11, 15]
        assert not read.problems

    @pytest.mark.parametrize("kind", KINDS)
    def test_the_example_of_each_official_schema_passes(self, kind):
        """The schemas carry examples of their own."""
        document = load(f"{kind}.v1alpha1")
        for example in document["examples"]:
            filled = {"children": []} if kind == "Group" else {}
            example = example | {"spec": {**filled, **example.get("spec", {})}}
            assert not list(violations(kind, example))

    def test_what_breaks_the_schema_is_told_with_line_and_key(self, engagement):
        text = (
            SERVICE.format(name="a")
            .replace("lifecycle: production", "lifecycle: 5")
            .replace("  owner: team\n", "")
        )
        read = catalog.read(engagement({"catalog/a.yaml": text + "  dependsOn: b\n"}))
        assert places(read.problems) == [
            ("catalog/a.yaml", 5, "spec.owner"),
            ("catalog/a.yaml", 7, "spec.lifecycle"),
            ("catalog/a.yaml", 8, "spec.dependsOn"),
        ]
        assert read.entities[0].problems == read.problems

    def test_the_second_of_two_is_not_read(self, engagement):
        read = catalog.read(
            engagement(
                {"catalog/a.yaml": SERVICE.format(name="A"), "catalog/b.yaml": SERVICE.format(name="a")}
            )
        )
        assert [e.file for e in read.entities] == ["catalog/a.yaml"]
        assert places(read.problems) == [("catalog/b.yaml", 1, "metadata.name")]

    def test_a_name_that_backstage_refuses(self, engagement):
        read = catalog.read(engagement({"catalog/a.yaml": SERVICE.format(name="my service")}))
        assert places(read.problems) == [("catalog/a.yaml", 4, "metadata.name")]


class TestHostile:
    @pytest.mark.parametrize("word", ["x" * 100_000, "a\\u202eb", "<script>", "a b", "=1+1", "é"])
    def test_hostile_names_and_titles_stay_short_and_on_one_line(self, engagement, word):
        title = f'  title: "{word}"\n'
        text = SERVICE.format(name=f'"{word}"') + "---\n" + SERVICE.format(name=f"a\n{title.rstrip()}")
        text += f'  dependsOn: ["component:{word}", "component:a"]\n'
        read = catalog.read(engagement({"catalog/a.yaml": text}))
        assert read.problems
        for finding in read.findings:
            for said in (finding.id, finding.title, finding.action, finding.evidence):
                assert len(said) < 1_000
                assert "\u202e" not in said or said == finding.id
        for problem in read.problems:
            assert len(str(problem)) < 600
        assert catalog.Catalog.from_json(read.to_json()) == read


class TestOtherFiles:
    API = """\
        apiVersion: backstage.io/v1alpha1
        kind: API
        metadata:
          name: orders
        spec:
          type: openapi
          lifecycle: production
          owner: team
          definition:
            $text: {location}
        """

    def test_a_text_is_put_in(self, engagement):
        files = {
            "catalog/a.yaml": self.API.format(location="./apis/../apis/o.yaml"),
            "catalog/apis/o.yaml": "openapi: 3.1.0\n",
        }
        read = catalog.read(engagement(files))
        (api,) = read.entities
        assert api.descriptor["spec"]["definition"] == "openapi: 3.1.0\n"
        assert api.definition.file == "catalog/apis/o.yaml"
        assert not read.problems
        assert not read.skipped  # the definition is no descriptor, and need not be one

    @pytest.mark.parametrize(
        "location",
        [
            "./gone.yaml",
            "../../secret.yaml",
            "/etc/hostname",
            "~/x",
            "[1]",
            "../../../../../../../../etc/hostname",
        ],
    )
    def test_a_text_that_is_not_there_or_not_ours(self, engagement, location, tmp_path):
        (tmp_path.parent / "secret.yaml").write_text("secret: 1\n")
        read = catalog.read(engagement({"catalog/a.yaml": self.API.format(location=location)}))
        assert places(read.problems) == [("catalog/a.yaml", 9, "spec.definition")]
        assert "secret" not in str(read.entities[0].descriptor).replace("secret.yaml", "")
        assert len(read.entities) == 1  # it is registered, though not assessable

    def test_a_text_on_the_network_is_not_fetched_and_no_problem(self, engagement):
        given = engagement({"catalog/a.yaml": self.API.format(location="https://example.com/o.yaml")})
        read = catalog.read(given)
        assert not read.problems
        remote = [f for f in read.findings if f.id.endswith("/definition-remote")]
        assert [f.severity for f in remote] == ["low"]
        assert not [f for f in read.findings if f.id.endswith("/definition")]

    def test_kinds_types_and_owners_that_are_not_known_are_told_once(self, engagement):
        template = "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata:\n  name: t{}\n"
        api = self.API.format(location="./o.yaml")
        odd = [
            api.replace("type: openapi", "type: thrift").replace("name: ", f"name: x{n}-", 1) for n in (1, 2)
        ]
        texts = [*odd, template.format(1), template.format(2)]
        files = {f"catalog/{n}.yaml": text for n, text in enumerate(texts)}
        given = engagement(files | {"catalog/o.yaml": "a"})
        told = [
            (kind.name, spot.id)
            for kind, spots in catalog.list_gaps(given, catalog.load(given))
            for spot in spots
            if kind.severity == "info"
        ]
        assert ("unknown-word", "kind Template") in told and ("unknown-word", "type thrift") in told
        owners = [id for name, id in told if name == "owner-elsewhere"]
        assert len(owners) == len(set(owners)) == 1
        assert len(told) == 3

    @pytest.mark.parametrize(
        "name", ["${{ values.name }}", "'{{ cookiecutter.name }}'", "{{ cookiecutter.name }}"]
    )
    def test_a_skeleton_of_any_template_is_skipped(self, engagement, name):
        read = catalog.read(engagement({"catalog/a.yaml": SERVICE.format(name=name)}))
        assert not read.entities and not read.problems and len(read.skipped) == 1

    def test_a_location_leads_to_further_files(self, engagement):
        location = """\
            apiVersion: backstage.io/v1alpha1
            kind: Location
            metadata:
              name: more
            spec:
              targets:
              - ../services/*/info.yaml
              - ./all.yaml
              - https://example.com/catalog-info.yaml
              - ./gone.yaml
              - ../../out.yaml
            """
        files = {
            "catalog/all.yaml": location,
            "services/a/info.yaml": SERVICE.format(name="a"),
            "services/b/info.yaml": SERVICE.format(name="b"),
        }
        read = catalog.read(engagement(files))
        assert [e.name for e in read.entities] == ["more", "a", "b"]
        assert places(read.skipped) == [("catalog/all.yaml", 9, "spec.targets.2")]
        assert places(read.problems) == [
            ("catalog/all.yaml", 10, "spec.targets.3"),
            ("catalog/all.yaml", 11, "spec.targets.4"),
        ]


class TestNotes:
    def test_annotations_are_typed(self, engagement):
        notes = """\
          annotations:
            assess.example/sla: 2 s at 100/s
            assess.example/deprecated: '2026-12-31'
            assess.example/events: order-placed, order-paid
            assess.example/health-check: https://x.example/health
            assess.example/sla-target: '99'
            assess.example/retirement: soon
        """
        text = SERVICE.format(name="a").replace(
            "spec:\n",
            notes.replace("          ann", "  ann").replace("            as", "    as").rstrip(" ")
            + "spec:\n",
        )
        read = catalog.read(engagement({"catalog/a.yaml": text}))
        found = read.entities[0].notes
        assert found.sla == "2 s at 100/s"
        assert found.deprecated == dt.date(2026, 12, 31)
        assert found.events == ("order-placed", "order-paid")
        assert found.retirement is None
        assert [p.row for p in read.problems] == [10, 11]  # a misspelt promise must not look like none


def test_json_round_trip_and_absence(engagement):
    read = catalog.read(engagement({"catalog/a.yaml": SERVICE.format(name="a")}))
    assert catalog.Catalog.from_json(read.to_json()) == read
    none = catalog.read(engagement({}).model_copy(update={"catalog": ()}))
    assert none.missing
    assert not none.assessed


def test_the_sample_loads():
    from pathlib import Path

    folder = Path(__file__).parents[3] / "data" / "samples" / "lead_to_cash"
    read = catalog.read(intake.load(folder))
    assert {e.kind for e in read.entities} == {"API", "Component", "Domain", "Group", "Resource", "System"}
