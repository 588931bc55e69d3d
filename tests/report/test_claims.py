"""Every number of a heading, a lead, a caption or a sentence about what would change the answer stands in the rows below it."""

import re

import pytest
from claims import claims, given, named, quantities, stems, tabulated, texts, unexplained

from assess.core.numbers import spelled
from assess.report import chapters

MAKERS = [getattr(chapters, name) for name in chapters.__all__ if not name.startswith("save_")]


def assessed(assessment):
    """Yield each assessed chapter with what it knows; the brief also knows what moves the gain most."""
    shared = given(assessment)
    made = [chapter for chapter in (make(assessment) for make in MAKERS) if chapter.state == "assessed"]
    for chapter in made:
        known = quantities(chapter, shared)
        if chapter.number == 0:
            drivers = [f for one in made if one.key == "total_cost" for f in one.figures if f.id == "drivers"]
            known += [item for figure in drivers for item in tabulated(figure.table, stems(figure.caption))]
        yield chapter, known


def check_claims(assessment):
    """Check every number of every chapter, and return how many there are."""
    told = 0
    for chapter, known in assessed(assessment):
        names = named(chapter)
        for text in texts(chapter):
            assert [claim.text for claim in unexplained(text, known, names)] == [], (chapter.key, text)
            told += len(list(claims(text, names)))
    return told


@pytest.mark.parametrize(
    ("name", "least"), [("lead_to_cash", 180), ("legacy_manufacturer", 100), ("minimal", 50)]
)
def test_every_number_of_a_sample_stands_in_its_rows(sample, name, least):
    assert check_claims(sample(name)) >= least


def changed(claim):
    """Yield the number of a claim written otherwise: one more, one less, twice as much, another first digit."""
    if claim.kind == "date":
        yield re.sub(r"\d{4}", lambda year: str(int(year[0]) + 1), claim.text, count=1)
    elif claim.kind == "count":
        yield from (spelled(int(claim.value) + more) for more in (-1, 1, 2) if 0 < claim.value + more <= 12)
    else:
        found = re.search(r"\d[\d,]*(?:\.\d+)?", claim.text)
        digits = len(found[0].partition(".")[2])
        plain, step = float(found[0].replace(",", "")), 10.0**-digits
        first = float(f"{int(found[0][0]) % 9 + 1}{found[0][1:].replace(',', '')}")
        for value in {plain + step, max(plain - step, 0.0), 2 * plain, plain + 3 * step, first} - {plain}:
            yield claim.text[: found.start()] + f"{value:,.{digits}f}" + claim.text[found.end() :]


@pytest.mark.parametrize("name", ["lead_to_cash", "legacy_manufacturer"])
def test_a_changed_number_is_noticed(sample, name):
    """Three of four changes are: a small count that is another row's by chance may pass here; `test_captions` counts many of those anew."""
    tried = noticed = 0
    for chapter, known in assessed(sample(name)):
        names = named(chapter)
        for text in texts(chapter):
            for claim in claims(text, names):
                for other in changed(claim):
                    said = text[: claim.start] + other + text[claim.end :]
                    tried += 1
                    noticed += any(one.start == claim.start for one in unexplained(said, known, names))
    assert tried > 400 and noticed / tried >= 0.75, noticed / tried
