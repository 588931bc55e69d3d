"""A large engagement from a sample: the same landscape at many sites, all that was stated and measured kept for the first."""

import csv
import shutil
from pathlib import Path

SITES = ("", "Lyon", "Porto", "Gdansk", "Turin", "Malmö", "Graz", "Gent")
"""The client's sites; the first is the sample as it is."""

PLAIN = str.maketrans("ö", "o")
"""Letters of a site in an id."""

FILES = ("data", "contract", "connectors")
"""Columns whose files and products belong to the first site alone."""


def enlarge(sample: Path, out: Path, sites: tuple[str, ...] = SITES) -> Path:
    """Write a sample with all its systems and integrations at every site; returns the folder.

    Each further site has systems and integrations of its own, which state what those of the sample state; its tables,
    contracts and logs were not handed in.
    """
    shutil.copytree(sample, out)
    for name, references in (("systems.csv", ("id",)), ("integrations.csv", ("id", "source", "target"))):
        with (out / name).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        with (out / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            for site in sites:
                writer.writerows(_at(row, site, references) for row in rows)
    return out


def _at(row: dict[str, str], site: str, references: tuple[str, ...]) -> dict[str, str]:
    """Return a row as it stands at a site: with its own ids and name, without files."""
    if not site:
        return row
    own = {key: f"{row[key]}-{site.lower().translate(PLAIN)}" for key in references}
    return row | own | {"name": f"{row['name']}, {site}"} | {key: "" for key in FILES if key in row}
