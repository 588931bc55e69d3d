"""Whatever is added to an engagement whose violations are all accepted fails the gate: nothing hides behind its like."""

import datetime as dt
import importlib.util
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assess import intake
from assess.report.check import CheckedEvidence, check
from assess.report.check.result import Accepted

HERE = Path(__file__).parent
_SPEC = importlib.util.spec_from_file_location("governed", HERE.parents[1] / "evidence/policy/governed.py")
governed = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(governed)
TODAY = dt.date(2026, 10, 1)
MANY = 40
"""More than any list shows."""


def operation(number, **more):
    found = {
        "operationId": f"o{number}",
        "description": "d",
        "tags": ["t"],
        "responses": {"200": {"description": "ok"}},
    }
    return found | more


def contract(version, paths):
    return {
        "openapi": "3.0.3",
        "info": {"title": "Shop", "version": version, "description": "d", "contact": {"name": "n", "email": "a@example.org"}},
        "servers": [{"url": "https://a.example"}],
        "tags": [{"name": "t"}],
        "paths": paths,
    }  # fmt: skip


def component(number, **spec):
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {"name": f"c{number}"},
        "spec": {"type": "service", "lifecycle": "production", "owner": "team"} | spec,
    }


class Engagement:
    """Everything in it is wrong many times over, so that whatever is added is one more of its like."""

    def __init__(self):
        self.v1 = contract("1.0.0", {f"/p{n}": {"get": operation(n)} for n in range(MANY + 9)})
        self.v2 = contract("1.1.0", {f"/p{n}": {"get": operation(n)} for n in range(MANY, MANY + 9)})
        self.other = contract("1.0.0", {f"/q{n}/{{id}}": {"get": operation(n)} for n in range(MANY)})
        self.entities = [component(n, dependsOn=[f"component:default/gone{n}"]) for n in range(MANY)]
        self.entities += [component(100 + n, owner="nobody") for n in range(MANY)]
        self.entities += [component(200 + n, owner=None) for n in range(MANY)]
        self.entities[-1]["spec"].pop("owner")
        self.systems = [f"s{n},S{n},," for n in range(MANY)]
        self.integrations = [f"i{n},s{n},s{n + 1},event-driven,,,," for n in range(MANY - 1)]
        self.group = [{"apiVersion": "backstage.io/v1alpha1", "kind": "Group", "metadata": {"name": "team"}, "spec": {"type": "team", "children": []}}]  # fmt: skip
        self.policy = yaml.safe_load(governed.POLICY)
        self.policy["rules"][0]["required"].append("metadata.annotations.acme/backup")
        self.policy["rules"][0]["applies_to"] = {"kind": "Component"}

    def write(self, folder):
        governed.write(folder, engagement=governed.ENGAGEMENT)
        for name, tree in (("shop-v1", self.v1), ("shop-v2", self.v2), ("other", self.other)):
            (folder / "contracts" / f"{name}.openapi.yaml").write_text(yaml.safe_dump(tree), "utf-8")
        catalog = yaml.safe_dump_all([*self.group, *self.entities])
        (folder / "catalog/catalog-info.yaml").write_text(catalog, "utf-8")
        systems = "id,name,owner,personal_data\n" + "\n".join(self.systems) + "\n"
        (folder / "systems.csv").write_text(systems, "utf-8")
        head = "id,source,target,style_today,contract,owner,personal_data,entity\n"
        (folder / "integrations.csv").write_text(head + "\n".join(self.integrations) + "\n", "utf-8")
        (folder / "policies/acme.yaml").write_text(yaml.safe_dump(self.policy), "utf-8")
        return folder

    # one more violation each; n says of which

    def dangle(self, n):
        self.entities[n]["spec"]["dependsOn"].insert(0, "component:default/more")

    def dangle_elsewhere(self, n):
        self.entities[n]["spec"]["dependsOn"] = ["component:default/another"]

    def own_by_another(self, n):
        self.entities[MANY + n]["spec"]["owner"] = "somebody"

    def lose_owner(self, n):
        self.entities[n]["spec"].pop("owner")

    def break_schema(self, n):
        self.entities[n]["spec"]["lifecycle"] = ["production"]

    def remove_operation(self, n):
        del self.v2["paths"][f"/p{MANY + n % 9}"]

    def demand(self, n):
        self.v2["paths"][f"/p{MANY + n % 9}"]["get"]["parameters"] = [{"name": "x", "in": "query", "required": True, "schema": {"type": "string"}}]  # fmt: skip

    def rename_operation(self, n):
        self.v2["paths"][f"/p{MANY + n % 9}"]["get"]["operationId"] = "other"

    def break_format(self, n):
        self.other["paths"][f"/q{n}/{{id}}"]["get"]["x"] = 1

    def break_format_at_one_place(self, n):
        self.other["info"]["oops"] = 1

    def no_tag(self, n):
        self.other["paths"][f"/q{n}/{{id}}"]["get"]["tags"] = []

    def same_id(self, n):
        self.other["paths"][f"/q{n}/{{id}}"]["get"]["operationId"] = f"o{(n + 1) % MANY}"

    def two_parameters_more(self, n):
        self.other["paths"][f"/q{n}/{{id}}/{{more}}"] = self.other["paths"].pop(f"/q{n}/{{id}}")

    def deprecate(self, n):
        self.other["paths"][f"/q{n}/{{id}}"]["get"]["deprecated"] = True

    def another_system(self, n):
        self.systems.append("more,More,,")

    def another_integration(self, n):
        self.integrations.append(f"more,s{n},s0,event-driven,,,,order")

    def same_integration(self, n):
        self.integrations += [f"m{k},s{n},s0,event-driven,,,,order" for k in range(2)]

    def unreadable_contract(self, n):
        self.v1["openapi"] = "9.9"


ADDED = sorted(name for name in vars(Engagement) if not name.startswith("_") and name != "write")


def judged(folder, known=()):
    engagement = intake.load(folder)
    return check(engagement, CheckedEvidence.of(engagement, TODAY), today=TODAY, known=known)


@pytest.fixture(scope="module")
def accepted(tmp_path_factory):
    """Everything that is wrong with the engagement as it is, accepted; the gate is open."""
    folder = Engagement().write(tmp_path_factory.mktemp("known"))
    known = tuple(
        Accepted(fingerprint=v.fingerprint, reason="known", until=dt.date(2027, 1, 1))
        for v in judged(folder).violations
    )
    assert len({entry.fingerprint for entry in known}) == len(known) > 5 * MANY
    assert judged(folder, known).open
    return known


@pytest.mark.parametrize("added", ADDED)
def test_each_kind_of_violation_that_is_added_holds_the_gate(accepted, tmp_path, added):
    engagement = Engagement()
    getattr(engagement, added)(MANY // 2)
    answer = judged(engagement.write(tmp_path), accepted)
    assert not answer.open


def test_a_second_field_that_a_rule_asks_for_is_a_violation_of_its_own(tmp_path):
    first, second = Engagement(), Engagement()
    for engagement in (first, second):
        for entity in engagement.entities:
            entity["metadata"]["annotations"] = {"acme/deputy": "Cleo", "acme/backup": "Dan"}
        engagement.entities[3]["metadata"]["annotations"].pop("acme/backup")
    known = tuple(
        Accepted(fingerprint=v.fingerprint, reason="known", until=dt.date(2027, 1, 1))
        for v in judged(first.write(tmp_path / "a")).violations
    )
    second.entities[3]["metadata"]["annotations"].pop("acme/deputy")
    (new,) = judged(second.write(tmp_path / "b"), known).violations
    assert (new.rule, new.subject) == ("policy/acme/second-person", "Component c3")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(added=st.sampled_from(ADDED), number=st.integers(0, MANY - 2))
def test_any_one_violation_at_any_place_holds_the_gate(accepted, tmp_path_factory, added, number):
    engagement = Engagement()
    getattr(engagement, added)(number)
    assert not judged(engagement.write(tmp_path_factory.mktemp("more")), accepted).open


def test_one_gap_is_told_under_one_id(tmp_path):
    """An invalid contract, an entry without an owner, an API without its file, a message without a schema."""
    catalog = governed.CATALOG.replace(
        "    $text: ../contracts/orders.yaml", "    $text: ../contracts/gone.yaml"
    )
    catalog = catalog.replace("  lifecycle: production\n  owner: team\n  system: sales\n---", "  lifecycle: production\n  system: sales\n---")  # fmt: skip
    text = governed.CONTRACT.replace("title: Orders", "titel: Orders").replace("      payload:\n        type: object\n        properties:\n          number:\n            type: string\n", "")  # fmt: skip
    answer = judged(governed.write(tmp_path / "acme", catalog=catalog, contracts=text))
    told = [(v.rule, v.file, v.line) for v in answer.violations]
    owner = [rule for rule, file, _ in told if "owner" in rule or rule == "policy/catalog-readable"]
    assert len(owner) == 2, owner  # the entry without an owner, and the definition that is not there
    assert not [rule for rule, *_ in told if rule in ("catalog/owner-missing", "catalog/definition", "policy/api-contract", "policy/contract-valid", "policy/event-schema")]  # fmt: skip
    assert [rule for rule, *_ in told].count("contract/asyncapi-message-payload") == 1
    assert len(
        {(file, line, v.message) for (_, file, line), v in zip(told, answer.violations, strict=True)}
    ) == len(told)
