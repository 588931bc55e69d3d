"""Tickets as ServiceNow and Jira export them take the place of incidents.csv."""

import datetime as dt

import pytest

from assess.evidence import operations
from assess.intake import load, validate

FIELDS = """\
number,opened_at,resolved_at,closed_at,cmdb_ci,priority,state,reopen_count,short_description,assignment_group
INC0010001,2026-09-01 10:00:00,2026-09-01 14:00:00,2026-09-08 00:00:00,Orders interface,2 - High,Closed,1,"Orders, stuck",ERP
INC0010002,2026-09-02 08:00:00,,2026-09-02 09:00:00,stock,5 - Planning,Closed,0,,ERP
INC0010003,2026-09-03 08:00:00,,,STOCK,1 - Critical,In Progress,0,,ERP
INC0010004,2026-09-03 08:00:00,,,Laptop of Ada,3 - Moderate,New,0,,Desk
INC0010005,2026-09-03 08:00:00,,,,3 - Moderate,New,0,,Desk
"""
LABELS = """\
Number;Opened;Resolved;Configuration item;Priority;State
INC0010001;01.09.2026 10:00:00;01.09.2026 14:00:00;orders;3 - Moderate;Resolved
"""
JIRA = """\
Summary,Issue key,Issue id,Issue Type,Status,Priority,Created,Resolved,Component/s,Component/s
Orders stuck,OPS-1,10001,Incident,Done,Highest,01/Sep/26 10:00 AM,01/Sep/26 2:00 PM,orders,web
Shop is slow,OPS-2,10002,Incident,Open,Low,02/Sep/26 10:00 AM,,web,
"""


@pytest.fixture
def tickets(folder):
    """Write an export in the place of incidents.csv; return the engagement."""
    (folder / "operations/names.csv").write_text("name,integration\nOrders *,orders\n", "utf-8")

    def write(text):
        (folder / "operations/incidents.csv").write_text(text, "utf-8")
        return load(folder)

    return write


def test_fields_of_servicenow_are_incidents_of_the_integrations_that_they_name(tickets):
    engagement = tickets(FIELDS)
    first, second, third = engagement.incidents
    assert (first.id, first.integration, first.severity, first.reopened) == (
        "INC0010001",
        "orders",
        "high",
        1,
    )
    assert (first.started, first.detected) == (None, dt.datetime(2026, 9, 1, 10))
    assert first.resolved == dt.datetime(2026, 9, 1, 14)
    assert first.description == "Orders, stuck"
    assert (second.integration, second.severity, second.resolved) == (
        "stock",
        "low",
        dt.datetime(2026, 9, 2, 9),
    )
    assert (third.integration, third.severity, third.resolved) == ("stock", "critical", None)
    notes = [str(note) for note in engagement.notes if note.file == "operations/incidents.csv"]
    assert "ServiceNow" in notes[0] and "opened_at as detected" in notes[0]
    assert "2 tickets of 5" in notes[1] and "Laptop of Ada" in notes[1]


def test_labels_and_days_as_a_user_has_them(tickets):
    (incident,) = tickets(LABELS).incidents
    assert (incident.detected, incident.resolved) == (
        dt.datetime(2026, 9, 1, 10),
        dt.datetime(2026, 9, 1, 14),
    )
    assert incident.severity == "medium"


def test_issues_of_jira(tickets):
    engagement = tickets(JIRA)
    (incident,) = engagement.incidents
    assert (incident.id, incident.integration, incident.severity) == ("OPS-1", "orders", "critical")
    assert (incident.detected, incident.resolved) == (
        dt.datetime(2026, 9, 1, 10),
        dt.datetime(2026, 9, 1, 14),
    )
    assert operations.measure(engagement).resolve.hours == pytest.approx(4)


def test_moments_with_an_offset_keep_it(tickets):
    found = tickets(JIRA.replace("01/Sep/26 10:00 AM", "01 Sep 2026 10:00:00 +0200").replace("01/Sep/26 2:00 PM", "01 Sep 2026 14:00:00 +0200"))  # fmt: skip
    assert found.incidents[0].detected == dt.datetime(2026, 9, 1, 8, tzinfo=dt.UTC)


@pytest.mark.parametrize("days", [("03/04/2026 10:00", "05/06/2026 11:00"), ("soon", "later")])
def test_what_is_no_certain_moment_is_a_problem_with_its_row(folder, days):
    text = LABELS.replace("01.09.2026 10:00:00", days[0]).replace("01.09.2026 14:00:00", days[1])
    (folder / "operations/incidents.csv").write_text(text, "utf-8")
    problems = validate(folder)
    assert {(problem.row, problem.column) for problem in problems} == {(2, "detected"), (2, "resolved")}


def test_tickets_of_another_desk_leave_nothing_and_say_so(tickets):
    engagement = tickets(
        FIELDS.replace("Orders interface", "mail").replace("stock", "mail").replace("STOCK", "")
    )
    assert engagement.incidents == ()
    assert any("5 tickets of 5" in str(note) for note in engagement.notes)
