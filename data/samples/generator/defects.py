"""The ways in which values go wrong, each a function of a value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from random import Random

NEIGHBOURS = dict(zip("abcdefghijklmnopqrstuvwxyz", "snvfrdghuknjmbilwestxceuza", strict=True))

DISGUISES = ("N/A", "-", "?", "n/a", "unknown", "NULL", "k.A.")


def typo(random: Random) -> Callable[[str], str]:
    """One letter swapped with the next, dropped, doubled, or hit on the key beside it."""

    def change(text: str) -> str:
        spots = [i for i in range(1, len(text) - 1) if text[i].isalpha() and text[i + 1].isalpha()]
        if not spots:
            return text
        i = random.choice(spots)
        how = random.randrange(4)
        if how == 0:
            return text[:i] + text[i + 1] + text[i] + text[i + 2 :]
        if how == 1:
            return text[:i] + text[i + 1 :]
        if how == 2:
            return text[:i] + text[i] + text[i:]
        key = NEIGHBOURS.get(text[i].lower(), "e")
        return text[:i] + (key.upper() if text[i].isupper() else key) + text[i + 1 :]

    return change


def mojibake(text: str) -> str:
    """UTF-8 read as cp1252."""
    return text.encode("utf-8").decode("cp1252", errors="replace").replace("\ufffd", "?")


def one_of(random: Random, values: tuple[str, ...]) -> Callable[[str], str]:
    """Another value, whatever it was."""
    return lambda _: random.choice(values)


def always(value: str) -> Callable[[str], str]:
    """Return one value, whatever it was."""
    return lambda _: value


def spaced(random: Random) -> Callable[[str], str]:
    """Spaces before, after or doubled inside."""
    return lambda text: random.choice(
        (" " + text, text + " ", text.replace(" ", "  ", 1) if " " in text else text + "  ")
    )


def shout(text: str) -> str:
    """Capitals, as a terminal of the eighties would."""
    return text.upper()


def broken_mail(random: Random) -> Callable[[str], str]:
    """A mail address that nothing can be delivered to."""

    def change(text: str) -> str:
        return random.choice(
            (
                text.replace("@", ""),
                text.replace("@", "@@"),
                text.replace(".example", "").replace(".com", "").replace(".net", "").replace(".org", ""),
                text.replace("@", " at "),
                text.replace("@", "@."),
            )
        )

    return change


def swapped_digits(random: Random, valid: Callable[[str], bool] | None = None) -> Callable[[str], str]:
    """Two neighbouring different digits exchanged; where ``valid`` is given, so that the check digit fails."""

    def change(text: str) -> str:
        spots = [
            i
            for i in range(4, len(text) - 1)
            if text[i].isdigit() and text[i + 1].isdigit() and text[i] != text[i + 1]
        ]
        if not spots:
            return text
        swapped = [text[:i] + text[i + 1] + text[i] + text[i + 2 :] for i in spots]
        return random.choice([s for s in swapped if valid is None or not valid(s)] or [text])

    return change


def written(pattern: str) -> Callable[[str], str]:
    """An ISO date written otherwise (``strftime`` pattern)."""
    return lambda text: dt.date.fromisoformat(text[:10]).strftime(pattern)
