"""What is asked of the client, as a board hears it, and how the answer is found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Asking(NamedTuple):
    """A question in plain words.

    Parameters
    ----------
    ask
        The question.
    find
        Who finds the answer, and how.
    shown
        What shows the answer, as a sentence names it.
    """

    ask: str
    find: str
    shown: str


_SYSTEMS = "Ask the owners of the systems"
_USERS = "Ask the departments that use the data"
_VENDOR = "Ask the vendor"
_PILOT = "Build one integration as a pilot"

ASKINGS: Mapping[str, Asking] = {
    "open/interaction pattern": Asking("Does each connection answer, notify or move bulk data?", _USERS, "an answer"),
    "open/protocol reach": Asking("Which interfaces do the systems offer?", _SYSTEMS, "an answer"),
    "open/data residency": Asking("Does the platform run where the data must stay?", _VENDOR, "an answer"),
    "open/certification": Asking("Does the platform hold the certificates that are demanded?", _VENDOR, "an answer"),
    "open/latency and peak load": Asking("How fast must data arrive, and how much comes at peak?", _USERS, "an answer"),
    "criterion/volume": Asking("How many messages flow a month?", _SYSTEMS, "an answer"),
    "criterion/latency": Asking("How fast must data arrive, and how much comes at peak?", _USERS, "an answer"),
    "criterion/interaction": Asking("Does each connection answer, notify or move bulk data?", _USERS, "an answer"),
    "criterion/consumers": Asking("How many systems receive the same data?", _SYSTEMS, "an answer"),
    "criterion/heterogeneity": Asking("Which interfaces do the systems offer?", _SYSTEMS, "an answer"),
    "criterion/coverage": Asking("For which systems are there ready connectors?", _VENDOR, "an answer"),
    "criterion/customisation": Asking("How much of the logic is the client's own?", _SYSTEMS, "an answer"),
    "criterion/governance": Asking("How much evidence do auditors ask for?", "Ask the auditors", "an answer"),
    "criterion/change": Asking("How often do the connected systems change?", _SYSTEMS, "an answer"),
    "criterion/partner": Asking("Which connections lead to a partner outside?", _USERS, "an answer"),
    "criterion/skill": Asking("How much experience has the team with each way of connecting?", "Ask the head of IT", "an answer"),
    "volume": Asking("How many messages flow, and how fast does that grow?", "Count the messages of a month", "a count of messages"),
    "effort": Asking("How much work is one integration?", _PILOT, "a pilot"),
    "coverage": Asking("How much of the work do ready connectors cover?", _VENDOR, "a list of ready connectors"),
    "skills": Asking("How productive is the team in each way of connecting?", _PILOT, "a pilot"),
    "overrun": Asking("How far will the delivery overrun?", _PILOT, "a pilot"),
    "maintenance": Asking("What does upkeep cost a year?", "Add up last year's hours of upkeep", "a year's hours of upkeep"),
    "changes": Asking("How often do the connected systems change?", "Count last year's changes", "a count of changes"),
    "price": Asking("What will the vendor charge, now and at renewal?", "Ask for a binding offer", "a binding offer"),
    "billing": Asking("What does the vendor count and bill?", "Ask for a binding offer", "a binding offer"),
    "people": Asking("What do people cost, and how many run the platform?", "Ask finance", "finance's day rates and staff"),
    "platform": Asking("What do foundation, hosting and coordination cost?", "Ask finance and operations", "hosting and set-up costs"),
    "failures": Asking("How often do integrations fail, and what does a failure cost?", "Count last year's failures and their cost",
                       "a count of failures"),
    "controls": Asking("How much evidence do auditors ask for?", "Ask the auditors", "the auditors' demands"),
    "exit": Asking("How likely is leaving the platform, and what does it cost?", "Read the terms of the contracts", "the terms of the contract"),
    "remediation": Asking("How much work is it to repair the data?", "Hand over extracts of the data", "extracts of the data"),
    "losses": Asking("What do the risks cost a year?", "Let the owners put figures on the risks", "figures for the risks"),
    "benefits": Asking("What are the benefits worth a year?", "Let the departments confirm the savings", "confirmed savings"),
}  # fmt: skip
"""By the id of a question: what opens or closes a style, what decides the fit, and what moves the money."""
