"""GraphQL is valid or not and compared; Protocol Buffers, XML Schema and WSDL are registered; words beside contracts are none."""

import pytest

from assess import intake
from assess.evidence import contracts
from assess.evidence.contracts import languages

OLD = "type Query {\n  order(id: ID!): Order\n}\ntype Order {\n  total: Int\n  state: State\n}\nenum State { OPEN }\n"
PROTO = '// orders\nsyntax = "proto3";\npackage acme.orders.v2;\nmessage Order { string id = 1; }\nservice Orders { rpc Get(Order) returns (Order); }\n'
WSDL = '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" name="Orders" targetNamespace="urn:acme:orders:v3"><portType name="p"><operation name="get"/></portType></definitions>'
XSD = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" version="1.4" targetNamespace="urn:acme"/>'


@pytest.fixture
def judged(tmp_path):
    def run(**files):
        (tmp_path / "contracts").mkdir(exist_ok=True)
        (tmp_path / "engagement.yaml").write_text("client: A\ndate: 2026-10-01\n", "utf-8")
        for name, text in files.items():
            stem, _, suffix = name.rpartition("_")
            path = tmp_path / "contracts" / (f"{stem}.{suffix}" if stem else suffix)
            path.write_text(text, "utf-8")
        return contracts.assess(intake.load(tmp_path))

    return run


@pytest.mark.parametrize(
    ("name", "text", "kind", "version", "state", "operations"),
    [
        ("orders-v2_graphql", OLD, "graphql", "2", "valid", 1),
        ("orders_proto", PROTO, "protobuf", "2", "registered", 1),
        ("orders_wsdl", WSDL, "wsdl", "3", "registered", 1),
        ("orders_xsd", XSD, "xsd", "1.4", "registered", 0),
    ],
)
def test_each_language_is_registered_with_its_version(judged, name, text, kind, version, state, operations):
    (contract,) = judged(**{name: text}).contracts
    assert (contract.kind, contract.version, contract.state) == (kind, version, state)
    assert contract.operations == operations


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a_graphql", "type Query {", "no GraphQL"),
        ("a_proto", "hello", "no Protocol Buffers"),
        ("a_xsd", "<html/>", "outermost element"),
        ("a_wsdl", "<definitions", "no XML"),
        ("a_xsd", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
    ],
)
def test_what_is_none_of_it_is_not_assessable(judged, name, text, words):
    (contract,) = judged(**{name: text}).contracts
    assert contract.state == "not assessable" and words in contract.reason


def test_a_schema_with_a_type_that_is_nowhere_is_invalid_with_its_line(judged):
    (contract,) = judged(a_graphql="type Query {\n  order: Ordr\n}\n").contracts
    assert contract.state == "invalid"
    assert [(i.rule, i.line) for i in contract.issues] == [("graphql-schema", 2)]


def test_directives_of_a_federation_are_no_mistake(judged):
    (contract,) = judged(a_graphql='type Query @key(fields: "a") { a: Int }\n').contracts
    assert contract.state == "valid"


@pytest.mark.parametrize(
    ("new", "verdict", "rule"),
    [
        (OLD.replace("  total: Int\n", ""), "breaking", "field-removed"),
        (OLD.replace("total: Int", "total: String"), "breaking", "field-changed-kind"),
        (OLD.replace("(id: ID!)", "(id: ID!, by: ID!)"), "breaking", "required-arg-added"),
        (OLD.replace("{ OPEN }", "{ OPEN PAID }"), "possibly breaking", "value-added-to-enum"),
        (OLD.replace("total: Int", "total: Int!\n  more: Int"), "compatible", ""),
    ],
)
def test_versions_are_compared_by_the_rules_of_graphql_core(tmp_path, new, verdict, rule):
    (tmp_path / "old.graphql").write_text(OLD, "utf-8")
    (tmp_path / "new.graphql").write_text(new, "utf-8")
    found = contracts.compare(tmp_path / "old.graphql", tmp_path / "new.graphql")
    assert found.verdict == verdict
    assert [change.rule for change in found.changes] == ([rule] if rule else [])


def test_words_pictures_and_licenses_beside_contracts_are_no_contracts(judged):
    found = judged(README_md="# Contracts", LICENSE="text", picture_svg="<svg/>", a_graphql=OLD)
    assert [contract.path for contract in found.contracts] == ["contracts/a.graphql"]
    misspelt = judged(orders_ymal="openapi: 3.0.3")
    assert {c.state for c in misspelt.contracts if c.path.endswith("ymal")} == {"invalid"}


def test_a_version_is_the_last_that_a_name_holds():
    assert languages.language("contracts/a.PROTO") == "protobuf"
    assert languages.language("contracts/a.yaml") is None
