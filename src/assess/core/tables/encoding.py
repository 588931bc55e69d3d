"""In which encoding a text is written, found from its bytes, and how it becomes UTF-8.

Bytes that are no UTF-8 do not say what they are. Each encoding is tried together with the languages that are written in it: what it
makes of the bytes costs little where it is letters of one language, in the order of capitals and small letters that words have,
and much where it is rare signs, capitals within words or letters of two scripts (the length of a message under a model of each
language, in nats). The cheapest is taken. It is a guess, so it is said; and where another costs hardly more, that is said as well.
"""

from __future__ import annotations

import codecs
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CHUNK = 1 << 24
"""Bytes looked at in one go."""
LOOKED_AT = 1 << 14
"""Bytes by which an encoding is chosen, of lines that are not ASCII."""


@dataclass(frozen=True)
class Encoding:
    """An encoding as found.

    Parameters
    ----------
    name
        Python's name of it; ``mixed`` is UTF-8 with lines in Windows-1252.
    skip
        Bytes of the byte order mark.
    notes
        What to tell a reader.
    rival
        An encoding that reads the text otherwise and fits hardly worse; empty where there is none.
    """

    name: str
    skip: int = 0
    notes: tuple[str, ...] = ()
    rival: str = ""

    @property
    def plain(self) -> bool:
        """Whether the file's bytes can be read as UTF-8 as they are."""
        return self.name in ("utf-8", "utf-8-sig")


MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
TITLES = {
    "cp1252": "Windows-1252", "cp1250": "Windows-1250", "cp1251": "Windows-1251", "cp1253": "Windows-1253",
    "cp1254": "Windows-1254", "cp1257": "Windows-1257", "cp1255": "Windows-1255", "cp1256": "Windows-1256",
    "iso8859-2": "ISO 8859-2", "mac_roman": "Mac Roman", "cp850": "code page 850", "koi8-r": "KOI8-R", "cp866": "code page 866",
    "cp932": "Shift JIS", "euc_jp": "EUC-JP", "gb18030": "GB 18030", "big5": "Big5", "cp949": "EUC-KR",
}  # fmt: skip
"""The encodings that are told apart, the likelier first, and what people call them."""


class UnknownEncoding(ValueError):
    """An encoding was stated that there is not."""


def stated_encoding(name: str) -> Encoding:
    """Return an encoding that was stated.

    Raises
    ------
    UnknownEncoding
        If there is none of that name.

    Examples
    --------
    >>> stated_encoding("Windows-1250").name, stated_encoding("Latin1").name
    ('cp1250', 'iso8859-1')
    """
    known = {title.casefold(): name for name, title in TITLES.items()}
    try:
        found = codecs.lookup(known.get(name.strip().casefold(), name.strip()))
    except (LookupError, ValueError):
        raise UnknownEncoding(
            f"{name!r} is no encoding; allowed: such as UTF-8, {', '.join(TITLES.values())}"
        ) from None
    if not found._is_text_encoding:
        raise UnknownEncoding(f"{name!r} is no encoding of text; allowed: such as UTF-8, Windows-1252")
    return Encoding(found.name, 0, ("encoding as stated",))


def find_encoding(path: Path) -> Encoding:
    """Find the encoding of a text file; see `recognise_encoding`."""

    def chunks() -> Iterator[bytes]:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk

    return recognise_encoding(chunks)


def recognise_encoding(chunks: Callable[[], Iterable[bytes]]) -> Encoding:
    r"""Find an encoding: byte order mark, UTF-16 without one, UTF-8, mixed, or the likeliest of `TITLES`.

    Parameters
    ----------
    chunks
        Gives the bytes from the beginning, each time that it is called.

    Examples
    --------
    >>> recognise_encoding(lambda: ["id,city\n1,Łódź\n2,Kraków\n3,Gdańsk\n".encode("cp1250")]).name
    'cp1250'
    """
    head = next(iter(chunks()), b"")[:4096]
    for mark, name in MARKS:
        if head.startswith(mark):
            return Encoding(name, len(mark))
    wide = _wide(head)
    if wide:
        return Encoding(wide, 0, ("UTF-16 without a byte order mark",))
    zeros = sum(chunk.count(0) for chunk in chunks())
    notes = (f"{zeros:,} NUL bytes, kept",) if zeros else ()
    if _is_utf8(chunks()):
        return Encoding("utf-8", 0, notes)
    good, bad, sample = _lines(chunks())
    if good:
        return Encoding("mixed", 0, (f"mixed encodings: UTF-8, but {bad:,} lines in Windows-1252", *notes))
    name, rival = choose_encoding(sample)
    doubt = (
        f"; {TITLES[rival]} fits hardly worse, so state the encoding if letters look wrong" if rival else ""
    )
    return Encoding(name, 0, (f"read as {TITLES[name]}, for it is not UTF-8{doubt}", *notes), rival)


def decode_text(content: bytes, encoding: Encoding) -> str:
    """Return all of a text; a byte that means nothing becomes U+FFFD."""
    if encoding.name == "mixed":
        return b"".join(map(_repaired, content.splitlines(keepends=True))).decode("utf-8", "replace")
    return content[encoding.skip :].decode("utf-8" if encoding.plain else encoding.name, "replace")


def encode_text(text: str, encoding: Encoding) -> bytes:
    """Return a text as bytes of the encoding that it was found in; in UTF-8 where that has no byte for a sign."""
    mark = next((mark for mark, name in MARKS if name == encoding.name and encoding.skip), b"")
    try:
        return mark + text.encode("utf-8" if encoding.plain else encoding.name)
    except UnicodeEncodeError:
        return codecs.BOM_UTF8 + text.encode("utf-8")


def _wide(head: bytes) -> str:
    """UTF-16 shows as a zero in nearly every second byte."""
    half = len(head) // 2
    if half < 2:
        return ""
    even, odd = head[0 : 2 * half : 2].count(0), head[1 : 2 * half : 2].count(0)
    if odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 * half and odd < 0.1 * half else ""


def _is_utf8(chunks: Iterable[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in chunks:
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _lines(chunks: Iterable[bytes]) -> tuple[int, int, bytes]:
    """Lines with characters beyond ASCII: how many are UTF-8, how many are not, and the first of these."""
    good = bad = size = 0
    sample: dict[bytes, None] = {}
    rest = b""
    for chunk in (*chunks, b"\n"):
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if not line.isascii():
                try:
                    line.decode("utf-8")
                    good += 1
                except UnicodeDecodeError:
                    bad += 1
                    if size < LOOKED_AT and line not in sample:
                        sample[line[:LOOKED_AT]] = None
                        size += len(line)
    return good, bad, b"\n".join(sample)


# What languages are written in: their letters beyond ASCII, small; capitals follow.

_WEST = (
    "äöüß", "àâæçéèêëîïôœùûüÿ", "áéíñóúü", "àáâãçéêíóôõú", "àèéìòù", "åäöé", "åæøéô", "éëïóöü", "áðéíóúýþæö",
)  # fmt: skip
_CENTRAL = (
    "ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "ăâîșşțţ", "äöüß", "çëáíúý",
)  # fmt: skip
_CYRILLIC = (
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "абвгдђежзијклљмнњопрстћуфхцчџш",
)
_LANGUAGES: dict[str, tuple[str, ...]] = {
    "cp1252": _WEST, "mac_roman": _WEST, "cp850": _WEST, "cp1250": _CENTRAL, "iso8859-2": _CENTRAL,
    "cp1251": _CYRILLIC, "koi8-r": _CYRILLIC[:1], "cp866": _CYRILLIC[:1],
    "cp1253": ("αάβγδεέζηήθιίϊΐκλμνξοόπρσςτυύϋΰφχψωώ",), "cp1254": ("çğıİöşüâîû",), "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž"),
    "cp1255": ("אבגדהוזחטיךכלםמןנסעףפץצקרשת",), "cp1256": ("ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچژگ",),
}  # fmt: skip
_AT_END = "àèéìòù"
"""Italian: its accents stand on the last letter of a word."""
_BEFORE_E = "àáâãçéêíóôõú"
"""Portuguese: its õ stands before an e. Elsewhere that byte is the ő of Hungarian."""
_RARER = "áðéíóúýþæö"
"""Icelandic: Turkish, whose letters have the same bytes, has more writers."""
_VOWELS = frozenset("аеёиоуыэюяєіїαάεέηήιίοόυύωώ")
_BEFORE_WORDS, _AFTER_WORDS, _APART = (
    frozenset("‘‚“„«§±¿¡"),
    frozenset("’”»…€°\u00a0®©™²³µ½¼ºª"),
    frozenset("–—•·×"),
)
"""Signs of print that stand before a word, behind one (or a number), and between words."""
_CAPITAL, _SYMBOL, _FOREIGN, _RARE, _BROKEN, _MIXED = 1.0, 4.0, 8.0, 9.0, 5.0, 6.0
"""Nats that signs cost beside what an alphabet's size costs: capitals, and those within words (_BROKEN), two scripts in a word (_MIXED)."""
_SMALLEST = 10
"""Letters of an alphabet at least: that German has four of its own makes no other sign German."""
_DOUBTFUL = 1.1
"""So many times the cost of the cheapest, another is said to fit hardly worse."""
_PRIOR = 0.15
"""Nats an encoding costs by its place in `TITLES`, all signs together."""
_UNLIKELY = {"cp1252": 0.0, "cp1255": 6.0, "cp1256": 6.0}
"""And by itself, 1 where nothing is said: most files are Windows-1252; what knows no capitals fits whatever has none."""


def choose_encoding(sample: bytes) -> tuple[str, str]:
    """Return the likeliest encoding of bytes that are no UTF-8, and one that reads them otherwise and fits hardly worse.

    >>> choose_encoding("東京 大阪 名古屋 横浜 札幌 京都".encode("cp932"))
    ('cp932', '')
    """
    found: list[tuple[float, str, str]] = []
    for place, name in enumerate(TITLES):
        try:
            text = sample.decode(name)
        except UnicodeDecodeError:
            continue
        costs = _cost_of_signs(text, name) if name in _COMMON else _cost_of_letters(text, _LANGUAGES[name])
        found.append((costs + _PRIOR * place + _UNLIKELY.get(name, 1.0), name, text))
    if not found:
        return "cp1252", ""
    found.sort(key=lambda item: item[0])
    cost, name, text = found[0]
    rival = next((n for c, n, t in found[1:] if c < cost * _DOUBTFUL + 2 and t != text), "")
    return name, rival


def _cost_of_letters(text: str, languages: tuple[str, ...]) -> float:
    """Return the cost of a text under the cheapest of some languages, each of which has one byte a letter."""
    return min(_cost_of_language(text, language) for language in languages)


def _cost_of_language(text: str, language: str) -> float:
    letters = frozenset(language) | frozenset(language.upper())
    latin = any("a" <= _base(sign) <= "z" for sign in language)
    usual = math.log(max(len(language), _SMALLEST)) + (language == _RARER)
    cost, vowels, known = 0.0, 0, 0
    for place, sign in enumerate(text):
        if sign < "\x80":
            continue
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        if sign.isupper():
            cost += _BROKEN if before.islower() else _CAPITAL
        if sign in letters:
            cost += usual
            known += 1
            vowels += sign.lower() in _VOWELS
            if not latin and (
                (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha())
            ):
                cost += _MIXED
            if (language == _AT_END and after.isalpha()) or (
                language == _BEFORE_E and sign in "õÕ" and after not in "eE"
            ):
                cost += _BROKEN
        elif sign.isalpha():
            cost += _FOREIGN
        else:
            cost += _cost_of_sign(sign, before, after)
    if (
        known > 8 and language[0] in "аα"
    ):  # words of these scripts have a vowel in 2 of 5 letters, all of which are seen
        cost += known * max(0.0, abs(vowels / known - 0.43) - 0.1) * _BROKEN
    return cost


def _cost_of_sign(sign: str, before: str, after: str) -> float:
    if sign in _BEFORE_WORDS:
        fits = not before.isalpha()
    elif sign in _AFTER_WORDS:
        fits = sign in "’\u00a0" or not after.isalpha()
    else:
        fits = sign in _APART and not (before.isalpha() or after.isalpha())
    return _SYMBOL if fits else _RARE


@cache
def _base(sign: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFD", sign)[0].lower()


_COMMON: dict[str, tuple[str, int, int, int, str]] = {
    "cp932": ("euc_jp", 0xB0, 0xCF, 2965, "ぁヿ"), "euc_jp": ("euc_jp", 0xB0, 0xCF, 2965, "ぁヿ"),
    "gb18030": ("gb2312", 0xB0, 0xD7, 3755, ""), "big5": ("big5", 0xA4, 0xC6, 5401, ""), "cp949": ("euc_kr", 0xB0, 0xC8, 2350, ""),
}  # fmt: skip
"""Standard that lists the common signs, first bytes of their rows, how many they are, and the range of letters beside them."""


def _cost_of_signs(text: str, name: str) -> float:
    """Return the cost of a text of signs, each of which has two bytes: common ones are those of a standard's first level."""
    standard, first, last, many, beside = _COMMON[name]
    cost = 0.0
    for place, sign in enumerate(text):
        if sign < "\x80":
            continue
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        try:
            lead = sign.encode(standard)[0]
        except UnicodeEncodeError:
            lead = 0
        if first <= lead <= last:
            cost += math.log(many)
        elif beside and beside[0] <= sign <= beside[1]:
            cost += math.log(170)
        elif sign in "、。・「」（），：；！？ー　々〇“”《》":
            cost += _SYMBOL
        else:
            cost += 2 * _RARE
        if before.isascii() and before.isalpha() and after.isascii() and after.isalpha():
            cost += _MIXED
    return cost


def to_utf8(path: Path, encoding: Encoding, target: Path) -> None:
    """Write the file again in UTF-8; a byte that means nothing becomes U+FFFD."""
    with target.open("wb") as out, path.open("rb") as file:
        file.seek(encoding.skip)
        if encoding.name == "mixed":
            for line in file:
                out.write(_repaired(line))
            return
        decoder = codecs.getincrementaldecoder(encoding.name)("replace")
        while chunk := file.read(CHUNK):
            out.write(decoder.decode(chunk).encode("utf-8", "replace"))
        out.write(decoder.decode(b"", final=True).encode("utf-8", "replace"))


def _repaired(line: bytes) -> bytes:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace").encode("utf-8")
    return line
