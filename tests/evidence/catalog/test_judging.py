"""What is found in a catalog, each with its place, and nothing that is not there."""

from pathlib import Path

import pytest

from assess import intake
from assess.decisions.assessment import Assessment
from assess.evidence import catalog
from assess.evidence.catalog.landscape import measure
from assess.intake.engagement.landscape import Integration

SAMPLE = Path(__file__).parents[3] / "data" / "samples" / "lead_to_cash"


def entity(kind, name, notes="", **spec):
    """A descriptor as text, complete but for what a test leaves out."""
    usual = {"owner": "team", "type": "service", "lifecycle": "production"}
    if kind in ("System", "Domain", "Group"):
        usual = {"owner": "team"} if kind != "Group" else {"type": "team", "children": "[]"}
    if kind == "API":
        usual |= {"type": "openapi", "definition": f"text of {name}"}
    said = {k: v for k, v in (usual | spec).items() if v is not None}
    lines = "".join(f"  {key}: {value}\n" for key, value in said.items())
    return (
        f"apiVersion: backstage.io/v1alpha1\nkind: {kind}\nmetadata:\n  name: {name}\n{notes}spec:\n{lines}"
    )


def note(**annotations):
    return "  annotations:\n" + "".join(
        f"    assess.example/{k.replace('_', '-')}: '{v}'\n" for k, v in annotations.items()
    )


@pytest.fixture
def found(engagement):
    """Return the findings of descriptors by their id without its beginning."""

    def make(*descriptors, **more):
        text = "---\n".join([entity("Group", "team"), *descriptors])
        read = catalog.read(engagement({"catalog/a.yaml": text}, **more))
        return {f.id.removeprefix("governance/catalog/"): f for f in read.findings}

    return make


ALL = (
    entity("Component", "crm", dependsOn="[component:shop]"),
    entity("Component", "shop"),
    entity("Component", "erp", dependsOn="[component:shop]"),
)
STATED = "id,source,target\norders,shop,erp\ncustomers,crm,shop\n"


class TestEach:
    """A healthy catalog has no finding; each defect adds exactly its own."""

    def test_healthy(self, found):
        assert found(*ALL, integrations=STATED) == {}

    @pytest.mark.parametrize(
        ("extra", "expected", "line_holds"),
        [
            (entity("Component", "x", owner=None, dependsOn="[component:shop]"), "component:default/x/owner-missing", "spec"),
            (entity("Component", "x", owner="nobody", dependsOn="[component:shop]"), "component:default/x/owner-unknown", "nobody"),
            (entity("Component", "x", dependsOn="['component:shop', 'component:gone']"), "component:default/x/spec.dependsOn.1/dangling", "gone"),
            (entity("Component", "x", consumesApis="[gone]"), "component:default/x/spec.consumesApis.0/dangling", "gone"),
            (entity("System", "x", domain="gone"), "system:default/x/spec.domain/dangling", "gone"),
            (entity("Component", "x"), "component:default/x/unused", "apiVersion"),
            (entity("Component", "x", dependsOn="['component:x']"), "component:default/x/circle", "apiVersion"),
        ],
        ids=lambda value: value if "/" in value and "\n" not in value else "",
    )  # fmt: skip
    def test_one_defect(self, found, extra, expected, line_holds, tmp_path):
        findings = found(*ALL, extra, integrations=STATED)
        assert list(findings) == [expected]
        (source,) = findings[expected].sources
        lines = (tmp_path / source.place).read_text().splitlines()
        assert line_holds in lines[source.row - 1]

    def test_an_owner_is_not_missed_where_people_come_from_elsewhere(self, engagement):
        text = "---\n".join(ALL)
        read = catalog.read(engagement({"catalog/a.yaml": text}, integrations=STATED))
        assert read.findings == ()

    def test_two_that_call_each_other_and_two_that_exchange_events(self, found):
        def both(kind):
            return (
                entity("API", "a", type=kind),
                entity("API", "b", type=kind),
                entity("Component", "x", providesApis="[a]", consumesApis="[b]"),
                entity("Component", "y", providesApis="[b]", consumesApis="[a]"),
            )

        assert list(found(*ALL, *both("openapi"), integrations=STATED)) == ["component:default/x/circle"]
        assert found(*ALL, *both("asyncapi"), integrations=STATED) == {}

    def test_apis_with_one_definition_and_names_that_differ_by_a_hyphen(self, found):
        text = entity("API", "a", definition="same") + "---\n" + entity("API", "b", definition="' same '")
        user = entity("Component", "u", consumesApis="[a, b]", dependsOn="[component:u1, component:u-1]")
        others = entity("Component", "u1") + "---\n" + entity("Component", "u-1")
        findings = found(*ALL, text, user, others, integrations=STATED)
        assert sorted(findings) == ["api:default/a/alike", "component:default/u1/alike"]

    def test_integrations_that_move_the_same_also_without_a_catalog(self, engagement):
        rows = "id,source,target,entity,owner\na,crm,shop,Customers,\nb,crm,shop,customers,Sales\nc,shop,crm,customers,\nd,crm,shop,,\ne,crm,shop,,\n"
        read = catalog.read(engagement({}, integrations=rows))
        (finding,) = read.findings
        assert finding.integrations == ("a", "b")
        assert finding.owner == "Sales"
        assert [(s.place, s.row) for s in finding.sources] == [
            ("integrations.csv", 2),
            ("integrations.csv", 3),
        ]
        assert read.missing

    def test_many_of_a_kind_are_told_as_one(self, found):
        many = [entity("Component", f"c{n}", dependsOn=f"['component:gone{n}']") for n in range(40)]
        findings = found(*ALL, *many, integrations=STATED)
        assert list(findings) == ["dangling"]
        assert findings["dangling"].title.startswith("40 ")
        assert findings["dangling"].effort.likely == pytest.approx(40 * 0.25)


class TestDeclared:
    def test_what_the_catalog_does_not_know(self, found):
        findings = found(*ALL[:2], integrations=STATED)
        assert list(findings) == ["unknown-systems"]
        assert findings["unknown-systems"].systems == ("erp",)

    def test_an_annotation_says_which_system_it_is(self, found):
        other = entity("Component", "sap", note(system="erp"), dependsOn="[component:shop]")
        assert found(*ALL[:2], other, integrations=STATED) == {}

    def test_an_integration_that_no_entry_declares(self, found):
        findings = found(*ALL, integrations=STATED + "new,crm,erp\n")
        assert findings["undeclared-integrations"].integrations == ("new",)

    @pytest.mark.parametrize("how", ["annotation", "contract"])
    def test_an_api_that_carries_it_declares_it(self, engagement, how):
        extra = note(integration="new") if how == "annotation" else ""
        definition = "text" if how == "annotation" else "\n    $text: ../contracts/c.yaml"
        api = entity("API", "x", extra, definition=definition)
        text = "---\n".join([*ALL, api, entity("Component", "u", consumesApis="[x]")])
        contract = "contracts/c.yaml" if how == "contract" else ""
        rows = f"id,source,target,contract\norders,shop,erp,\ncustomers,crm,shop,\nnew,crm,erp,{contract}\n"
        files = {"catalog/a.yaml": text, "contracts/c.yaml": "openapi: 3.1.0\n"}
        read = catalog.read(engagement(files, integrations=rows))
        assert read.findings == ()
        assert read.binding.carriers == {"new": ("api:default/x",)}

    def test_a_relation_without_an_integration(self, found):
        findings = found(*ALL, integrations="id,source,target\norders,shop,erp\n")
        assert list(findings) == ["unstated-relations"]
        assert findings["unstated-relations"].systems == ("crm", "shop")


class TestTangle:
    @pytest.mark.parametrize(("n", "direct"), [(2, 2), (3, 6), (6, 30)])
    def test_hohpe_and_woolf_2003_canonical_data_model(self, n, direct):
        """The direct translators that the pattern "Canonical Data Model" gives for 2, 3 and 6 applications."""
        names = "abcdef"[:n]
        rows = [
            Integration(id=a + b, source=a, target=b, entity="all") for a in names for b in names if a != b
        ]
        found = measure(rows)
        assert (found.integrations, found.density) == (direct, 1.0)
        assert (found.pairs, found.hub_links) == (n * (n - 1) // 2, n)

    def test_a_stream_replaces_what_is_sent_again(self):
        rows = [Integration(id=t, source="shop", target=t, entity="orders") for t in ("erp", "dwh", "crm")]
        rows.append(Integration(id="back", source="erp", target="shop", entity="prices"))
        found = measure(rows)
        assert (found.topics, found.pairs, found.busiest) == (2, 3, ("shop", 3))
        assert found.pairs - found.hub_links == -1  # a star is a hub already


@pytest.fixture(scope="module")
def assessed():
    return Assessment.open(SAMPLE).catalog


class TestSample:
    def test_every_planted_gap_is_found_and_nothing_false(self, assessed):
        """What was planted stands in the generator; the rest is true of the sample's files, for the reason beside it."""
        expected = {
            # planted
            "component:default/dwh/owner-missing",
            "system:default/finance/spec.domain/dangling",
            "component:default/payment-gateway/spec.consumesApis.0/dangling",
            "api:default/stock-events/definition",
            "component:default/loyalty/unused",
            # shop needs crm, crm asks support for tickets, support asks the shop for orders
            "component:default/crm/circle",
            # systems.csv has carrier and payments; the catalog calls the latter payment-gateway
            "unknown-systems",
            # integrations that no dependency, API or annotation of the catalog mentions
            "undeclared-integrations",
            # dwh depends on billing, integrations.csv has only erp to dwh
            "unstated-relations",
        }
        assert {f.id.removeprefix("governance/catalog/") for f in assessed.findings} == expected

    def test_undeclared_integrations_by_hand(self, assessed):
        """Counted by reading components.catalog-info.yaml and apis.catalog-info.yaml beside integrations.csv."""
        (finding,) = (f for f in assessed.findings if f.id.endswith("undeclared-integrations"))
        assert set(finding.integrations) == {
            "order-shop-erp", "shipment-warehouse-billing", "product-erp-shop", "product-erp-warehouse", "price-erp-shop",
            "audience-crm-marketing", "dunning-billing-support", "return-warehouse-erp", "customer-crm-billing", "deal-crm-erp",
        }  # fmt: skip

    def test_every_place_exists(self, assessed):
        for finding in assessed.findings:
            assert finding.sources
            for source in finding.sources:
                if source.kind == "input":
                    lines = (SAMPLE / source.place).read_text().splitlines()
                    assert 1 <= source.row <= len(lines)

    def test_what_a_change_of_the_payment_gateway_reaches(self, assessed):
        """By hand: the API payments, the shop that consumes it, and whatever depends on the shop in turn."""
        affected = assessed.graph.needed_by("component:default/payment-gateway")
        assert {"api:default/payments", "component:default/shop", "component:default/billing", "component:default/erp",
                "component:default/dwh", "system:default/finance"} <= set(affected)  # fmt: skip
        assert not {
            "component:default/loyalty",
            "api:default/labels",
            "resource:default/settlement-files",
        } & set(affected)


def test_what_was_read_is_noted(tmp_path, engagement):
    from assess.core import reads

    api = entity("API", "x", definition="\n    $text: ../contracts/c.yaml")
    made = engagement({"catalog/a.yaml": api, "contracts/c.yaml": "openapi: 3.1.0\n"})
    with reads.recorded() as seen:
        catalog.read(made)
    assert {"field catalog", "file catalog/a.yaml", "file contracts/c.yaml"} <= seen


def test_the_legacy_sample_has_none():
    read = catalog.read(intake.load(SAMPLE.parent / "legacy_manufacturer"))
    assert read.missing
    assert not read.assessed
