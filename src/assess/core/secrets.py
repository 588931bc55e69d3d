"""The one masker of secrets: passwords, keys, tokens and signatures in any text that leaves the program.

A secret is recognised in four ways: by its place in a URL (what stands between user and host), by the name
before it (``password=``, ``"client_secret":``, ``--token``, ``PWD={...};``), by the header that carries it
(``Authorization:``, ``Cookie:``) and by its own shape (``AKIA...``, ``ghp_...``, a JSON Web Token, a PEM block).
What is found is replaced by ``***``; scheme, user, host, database and table stay.

Sources: RFC 3986, section 3.2.1 (userinfo); RFC 6750, section 2 (bearer tokens, also in queries); RFC 7617 (Basic);
the signed URLs of AWS (Signature Version 4), Google Cloud Storage (V4) and Azure (shared access signatures);
Microsoft's ODBC connection strings (values in braces, ``}}`` for a brace); the prefixes that GitHub, GitLab,
Slack, Stripe, OpenAI, Google, npm and PyPI publish for the scanners of leaked tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote

HIDDEN = "***"

SHORT = 300
"""Characters of a text whose masked form is remembered."""

Span = tuple[int, int]

_STRONG = (
    r"pass[_-]?(?:word|wd|phrase|code)|passwort|kennwort|pwd|mot[ _-]?de[ _-]?passe|\bmdp|contrase(?:n|ñ|n\u0303)a|"
    r"palavra[ _-]?passe|\bsenha|wachtwoord|has[łl]o|\bheslo|l[öo]senord|adgangskode|salasana|jelsz[óo]|[şs]ifre|"
    r"пароль|密码|密碼|パスワード|비밀번호|secret|geheimnis|token|jwt|credentials?|"
    r"(?:api|access|secret|private|account)[ _.-]?key(?:[ _-]?id)?|"
    r"(?:subscription|encryption|master|storage|signing|auth|functions?|consumer|app(?:lication)?|service|license)[_.-]?key"
)
"""Names of secrets, as the end of a longer name too (``DB_PASSWORD``, ``sslpassword``)."""
_WEAK = r"(?<![^\W_])(?:pass|pw|psw|pin|auth|sig|signature|clave|parola|x-amz-credential|awsaccesskeyid|sas)"
"""Names of secrets that are words of prose as well: believed before ``=`` or in quotes only."""
_QUERY = r"(?<=[?&;])(?:key|code|otp|sid_token|key-pair-id)"
"""Names of secrets in the query of a URL only: elsewhere they name columns."""
_END = r"(?:[_-]?(?:value|enc|encrypted|hash|\d{1,3}))?"
_QUOTED = r'\\?"(?:[^"\\\n]|\\[^"\n]|\\"(?=[^,;:}\]\s]))*\\?"|' + r"'(?:[^'\\\n]|\\.|'')*'|`[^`\n]*`"
_BRACED = r"\{(?:[^}\n]|\}\})*\}"
_NOT = r"(?!(?:null|none|true|false|yes|no)\b|\$\{[^}]*\}|\*{3})"
"""Values that are no secrets: nothing, a switch, the name of a variable, what is masked already."""

_SECRET_NAME = re.compile(rf"(?:{_STRONG}|(?<![^\W_])(?:pw|psw|pin)){_END}\Z", re.I)
_BARE = r"(?:[^\s&;,\"'`)\]}>]|[\"'`)\]}>](?![\s,;:)\]}>\"'`.]|$)|,(?![\w.-]*\s*[=:])(?=[^\s,\"'`)\]}>]))+"
"""A value without quotation marks; a mark or bracket within it belongs to it, one at its end does not."""

_SEPARATOR = re.compile("[=:＝：]")
_NAMED = re.compile(
    rf"(?:(?:{_STRONG}|{_WEAK}|{_QUERY}){_END}(?:\\?[\"'`])?\s{{0,3}}(?:=>?|:=|＝)\s{{0,3}}"
    rf"|(?:{_STRONG}){_END}(?:\\?[\"'`])?\s{{0,3}}[:：]\s{{0,3}}|(?:{_WEAK}){_END}\\?[\"'`]\s{{0,3}}:\s{{0,3}})"
    rf"{_NOT}(?P<secret>{_BRACED}|{_QUOTED}|{_BARE})",
    re.I,
)
_OF_A_STRING = re.compile(
    rf"(?:(?<=;)\s*(?:{_STRONG}|{_WEAK}){_END}\s*=\s*(?P<secret>[^;\n\"'{{][^;\n\"]*)"
    rf"|^(?:{_STRONG}|{_WEAK}){_END}=(?P<first>[^;\n\"'{{][^;\n\"]*)(?=;))",
    re.I,
)
"""A value in a connection string runs to the next semicolon, blanks included."""
_OF_A_QUERY = re.compile(
    rf"[?&][^=&#\s]{{0,60}}?(?:{_STRONG}|{_WEAK}|(?<=[?&])(?:key|code|otp)){_END}=(?P<secret>[^&]+)", re.I
)
"""A value in the query of a location runs to the next parameter, blanks included; see `mask_location`."""
_ENCODED = re.compile(
    rf"(?:{_STRONG}|{_WEAK}){_END}%(?:25)*3[DA](?:%(?:25)*20|\+)*(?P<secret>(?:(?!%(?:25)*(?:3B|26))[^\s&;\"'])+)",
    re.I,
)
_AFTER = re.compile(
    rf"(?<!-)--?(?=\w)[\w-]{{0,40}}(?:{_STRONG}|(?<![^\W_])(?:pass|pw)){_END}[^\S\n]+(?!-)(?P<secret>{_QUOTED}|\S+)"
    rf"|(?:{_STRONG}|identified by|key_id){_END}\s+(?P<quoted>{_QUOTED})"
    r"|\blogin\s+\S+\s+password\s+(?P<login>\S+)"
    r"|(?<!\S)(?:-u|--user|--proxy-user)[ =](?:[^\s:]+):(?P<user>\S+)",
    re.I,
)
_TAGGED = re.compile(rf"<[\w.:-]{{0,60}}?(?:{_STRONG}){_END}(?:\s[^<>]{{0,200}})?>(?P<secret>[^<]+)</", re.I)
_HEADER = re.compile(
    r"(?:(?:proxy-)?authorization|(?:set-)?cookie2?|x-[\w-]{0,30}(?:auth|session)[\w-]{0,30})[\"']?\s*[:=]\s*[\"']?"
    r"(?P<secret>[^\r\n\"'}]+)"
    r"|\b(?:bearer|basic|digest|negotiate|sharedaccesssignature|aws4-hmac-sha256)[^\S\n]+"
    r"(?P<token>(?=[^\s,]*\d|[^\s,]*=(?:[\s,]|$))[\w.~+/=%&:-]{8,})",
    re.I,
)
_SHAPED = re.compile(
    r"(?P<secret>-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?:.*?-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|.*)"
    r"|(?<![A-Za-z0-9])(?:(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{12,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|"
    r"gl(?:pat|ptt|dt|rt)-[\w-]{16,}|xox[a-z]-[\w-]{10,}|xapp-[\w-]{10,}|eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)*|"
    r"sk-[\w-]{20,}|[sr]k_(?:live|test)_\w{10,}|whsec_[\w+/=]{16,}|AIza[\w-]{30,}|ya29\.[\w-]{10,}|npm_[A-Za-z0-9]{30,}|"
    r"pypi-[\w-]{40,}|SG\.[\w-]{16,}\.[\w-]{16,}|dop_v1_[0-9a-f]{40,}|hv[sbr]\.[\w-]{20,}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{30,}|"
    r"hf_[A-Za-z0-9]{30,}|dapi[0-9a-f]{32}|lin_api_\w{30,}|AGE-SECRET-KEY-1[0-9A-Z]{20,}|SK[0-9a-f]{32}|"
    r"\d{8,10}:AA[\w-]{32,})(?![A-Za-z0-9]))"
    r"|(?:hooks\.slack\.com/services|discord(?:app)?\.com/api/webhooks/\d+|webhook\.office\.com/webhookb2)/(?P<path>[^\s\"'<>]+)",
    re.S,
)
_WITHOUT_SCHEME = re.compile(
    r"(?<![\w/@:.%+-])[\w.%+-]+:(?P<secret>(?!//)[^\s@\"'<>]+)@(?=[\w.-]+:\d+|[\w.-]+/|(?:tcp|udp|unix)\()"
    r"|jdbc:oracle:\w+:[^\s/@]+/(?P<oracle>[^\s@]+)@"
    r"|%(?:25)*3A%(?:25)*2F%(?:25)*2F(?:(?!%(?:25)*(?:3A|40|2F))[^\s&])*%(?:25)*3A(?P<encoded>[^\s&]+?)%(?:25)*40"
)
_NAME_PARTS = (
    "pass", "kennwort", "pwd", "mdp", "contrase", "senha", "wachtwoord", "haslo", "hasło", "heslo", "losenord", "lösenord",
    "adgangskode", "salasana", "jelsz", "ifre", "пароль", "密码", "密碼", "パスワード", "비밀번호", "secret", "geheimnis",
    "token", "jwt", "credential", "key", "pw", "psw", "pin", "auth", "sig", "clave", "parola", "sas", "code", "otp",
)  # fmt: skip
"""Each name of a secret holds one of these: where a text holds none, the patterns that begin with a name can't match."""
_AFTER_PARTS = ("identified by", "login", "-u")
_HEADER_PARTS = (
    "auth",
    "cookie",
    "session",
    "bearer",
    "basic",
    "digest",
    "negotiate",
    "sharedaccess",
    "aws4-",
)
_NO_USER = ("duckdb", "sqlite", "file", "s3", "gs", "abfs", "abfss", "wasbs")
"""Schemes of paths and buckets, in which what stands before an ``@`` is no password."""
_WORD_IN_FRONT = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*$")
_PORT = re.compile(r"\d{1,5}(?![^/?#;,\s)\]}>\"'`.|])")
_HOST = re.compile(r"\[?[\w.\-%]+\]?")
_HOST_AND_PATH = re.compile(r"\[?[\w.\-%:]+\]?(?::\d+)?/")
_ADDRESS = re.compile(r"[\w.+-]")
LONGEST = 500
"""Characters of a password at most."""
_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)*(?![\w/:.-])|[\w-]+(?:\.[\w-]+)+(?=[.:]?(?:\s|$))")
_LONG_TOKEN = re.compile(r"(?=[^@]*\d)[\w-]{20,}$")


def mask_secrets(text: str, location: str = "", *, cut: bool = False) -> str:
    r"""Return a text in which no secret can be read.

    Parameters
    ----------
    text
        A message, a value, a log, a connection string, a statement.
    location
        The location that the text is about: its secrets are hidden wherever and however the text quotes them.
    cut
        Whether the text's end was cut off, so that the ``@`` after a password may be missing.

    Examples
    --------
    >>> mask_secrets("postgresql://ada:pa/ss@db/crm?sslmode=require&token=abc#t can't be read; ask ann@acme.com")
    "postgresql://ada:***@db/crm?sslmode=require&token=*** can't be read; ask ann@acme.com"
    >>> mask_secrets("Driver={ODBC};Server=db;Uid=ada;PWD={p;w}}d};Database=crm")
    'Driver={ODBC};Server=db;Uid=ada;PWD=***;Database=crm'
    >>> mask_secrets("extracts/customers.csv, column key: 3 of 30 values repeat")
    'extracts/customers.csv, column key: 3 of 30 values repeat'
    >>> mask_secrets('FATAL: invalid port "pa"', "postgresql://ada:pa/ss@db/crm")
    'FATAL: invalid port "***"'
    """
    for secret in sorted(_forms(location), key=len, reverse=True) if location else ():
        edges = ("", "") if len(secret) > 3 else (r"(?<!\w)", r"(?!\w)")
        text = re.sub(f"{edges[0]}{re.escape(secret)}{edges[1]}", HIDDEN, text)
    return _mask_short(text, cut) if len(text) <= SHORT else _mask(text, cut)


def _mask(text: str, cut: bool) -> str:
    return _replaced(text, _spans(text, alone=False, cut=cut))


_mask_short = lru_cache(maxsize=1 << 14)(_mask)
"""The same names and labels come again and again."""


def mask_values(value: Any) -> Any:
    """Return data as JSON has it, in which no text holds a secret.

    >>> mask_values({"note": ["token=abc", 7, None]})
    {'note': ['token=***', 7, None]}
    """
    if isinstance(value, str):
        return mask_secrets(value)
    if isinstance(value, dict):
        return {key: mask_values(item) for key, item in value.items()}
    return [mask_values(item) for item in value] if isinstance(value, list) else value


def mask_location(location: str) -> str:
    """Return the location of a table in which no secret can be read: one URL or path, nothing around it.

    >>> mask_location("postgresql://ada:SEC RET#1@db.example/crm?sslmode=require#public.orders")
    'postgresql://ada:***@db.example/crm?sslmode=require#public.orders'
    >>> mask_location("https://h/x.csv?X-Amz-Signature=DEAD BEEF&X-Amz-Date=20260101")
    'https://h/x.csv?X-Amz-Signature=***&X-Amz-Date=20260101'
    >>> mask_location("extracts/monkey=b.csv")
    'extracts/monkey=b.csv'
    """
    return _replaced(location, _spans(location, alone=True))


def find_secrets(location: str) -> tuple[str, ...]:
    """Return the secrets in a location, as they are written there.

    >>> find_secrets("postgresql://ada:s%2Fcret@db/crm")
    ('s%2Fcret',)
    """
    return tuple(location[start:end] for start, end in _spans(location, alone=True))


def is_secret_name(name: str) -> bool:
    """Return whether a name of a column or key is that of a secret.

    >>> is_secret_name("DB_PASSWORD"), is_secret_name("apiToken"), is_secret_name("token_type"), is_secret_name("signature")
    (True, True, False, False)
    """
    return _SECRET_NAME.search(name) is not None


def _forms(location: str) -> set[str]:
    """The secrets of a location as a driver may quote them: decoded, encoded, or the part before a separator."""
    found = set()
    for secret in find_secrets(location):
        for form in (secret, unquote(secret), quote(secret, safe="")):
            found |= {form, *(part for part in re.split(r"[/#?@:&;\s]", form) if len(part) > 1)}
    return found - {"", HIDDEN}


def _replaced(text: str, spans: list[Span]) -> str:
    parts, done = [], 0
    for start, end in spans:
        parts += [text[done:start], HIDDEN]
        done = end
    return "".join([*parts, text[done:]])


def _spans(text: str, *, alone: bool, cut: bool = False) -> list[Span]:
    """Where secrets stand, ascending and apart from one another."""
    inside = list(_passwords(text, alone, cut)) if "://" in text else []
    found = [span for pattern in _possible(text) for span in _matched(pattern, text)]
    if alone and (place := text.find("?", inside[-1][1] if inside else 0)) >= 0:
        end = text.rfind("#") if text.rfind("#") > place else len(text)
        found = [span for span in found if span[0] < place or span[0] >= end]
        found += [(s + place, e + place) for s, e in _matched(_OF_A_QUERY, text[place:end])]
        found += [s for s in _matched(_SHAPED, text) if place <= s[0]]
        found += [s for s in _matched(_ENCODED, text) if place <= s[0]]
    outside = [(s, e) for s, e in found if not any(a <= s < b for a, b in inside)]
    merged: list[Span] = []
    for start, end in sorted(inside + outside):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _possible(text: str) -> Iterator[re.Pattern[str]]:
    """The patterns that may match a text: most texts hold nothing that any secret needs, which is seen at once."""
    folded = _folded(text)
    named = any(part in folded for part in _NAME_PARTS)
    yield _SHAPED
    if named or any(part in folded for part in _AFTER_PARTS):
        yield _AFTER
    if named and "<" in text:
        yield _TAGGED
    if any(part in folded for part in _HEADER_PARTS):
        yield _HEADER
    if "@" in text or "%" in text:
        yield _WITHOUT_SCHEME
    if named and _SEPARATOR.search(text):
        yield from (_NAMED, _OF_A_STRING)
    if named and "%" in text:
        yield _ENCODED


def _folded(text: str) -> str:
    """A text in which whatever a pattern takes for a letter, whatever its case, is that letter.

    To a pattern that ignores case, the Turkish letters with and without a dot are an i.
    """
    return text.lower() if text.isascii() else text.casefold().replace("\u0307", "").replace("ı", "i")


def _matched(pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    for match in pattern.finditer(text):
        for name, value in match.groupdict().items():
            if value and value.strip("*"):
                start, end = match.span(name)
                lead = len(value) - len(value.lstrip("\\"))
                if (mark := value[lead : lead + 1]) in ("'", '"', "`"):
                    start, end = start + lead + 1, end - (lead + 1 if value.endswith(mark) else 0)
                if text[start:end].strip("*"):
                    yield start, end


def _passwords(text: str, alone: bool, cut: bool) -> Iterator[Span]:
    """Passwords between user and host of the URLs in a text.

    A password may hold what a URL separates with (``/``, ``#``, ``?``, ``@``, blanks), because people do not
    encode it: it ends at the last ``@`` that is no part of an e-mail address or of a query.
    """
    starts = [m.start() for m in re.finditer("://", text)]
    for place, start in enumerate(starts):
        word = _WORD_IN_FRONT.search(text, max(0, start - 40), start)
        if word is None or word.group().lower() in _NO_USER or (alone and place):
            continue
        following = () if alone else starts[place + 1 :]
        begin, limit = start + 3, _limit(text, word.start(), following)
        user = re.compile(r"[^\s/?#@:\[]*").match(text, begin, limit)
        assert user is not None  # the pattern takes nothing as well
        colon = re.compile(r":|%3[aA]").match(text, user.end(), limit)
        named = re.compile(r"(.*?)%3[aA]").match(user.group())
        if colon is None and named is None:
            if text[user.end() : user.end() + 1] == "@" and _LONG_TOKEN.match(user.group()):
                yield begin, user.end()
            continue
        first = begin + named.end() if named else colon.end() if colon else begin
        end = _end(text, first, limit, alone, http=word.group().lower() in ("http", "https"))
        port = _PORT.match(text, first, limit)
        if end is None and cut and not port and limit == len(text):
            end = limit
        if end is not None and end > first:
            if _LONG_TOKEN.match(user.group()) and not named:
                yield begin, user.end()
            yield first, end


def _limit(text: str, word: int, following: Sequence[int]) -> int:
    """Where a URL ends at the latest: at the line's end, the next URL, or the quotation mark that closes it."""
    end = text.find("\n", word)
    end = len(text) if end < 0 else end
    for start in following[:1]:
        other = _WORD_IN_FRONT.search(text, max(0, start - 40), start)
        end = min(end, other.start() if other else start)
    if word and (mark := text[word - 1]) in "\"'`":
        closed = re.compile(rf"{mark}(?=[\s,}}\]);:.]|$)").search(text, word, end)
        end = closed.start() if closed else end
    return end


def _end(text: str, first: int, limit: int, alone: bool, *, http: bool) -> int | None:
    """Where the password that begins at ``first`` ends; None where there is none."""
    edge = re.compile(r"[/?#\s]").search(text, first, limit)
    strict = text.rfind("@", first, edge.start() if edge else limit)
    port = strict < 0 and _PORT.match(text, first, limit) is not None
    places = [k for k in range(max(first, strict + 1), min(limit, first + LONGEST)) if text[k] == "@"]
    likely = [k for k in places if _ends(text, first, k, limit, http=http)]
    if not alone and (port or strict >= 0):
        from_here = max(first, strict)
        likely = [
            k for k in likely
            if not re.search(r"\s", text[from_here:k]) or (not port and _HOST_AND_PATH.match(text, k + 1, limit))
        ]  # fmt: skip
    if likely:
        return likely[-1]
    if strict >= 0:
        return strict
    return places[-1] if places and not port else None


def _ends(text: str, first: int, place: int, limit: int, *, http: bool) -> bool:
    """Whether an ``@`` beyond a URL's own may end a password: a host follows, and it is in no e-mail address."""
    if not _HOST.match(text, place + 1, limit) or (http and text[place - 1] == "/"):
        return False
    domain = _DOMAIN.match(text, place + 1, limit)
    local = place
    while local > first and _ADDRESS.match(text[local - 1]):
        local -= 1
    if local in (first, place) or domain is None or text[local - 1] not in " \t?&=,;:\"'<(":
        return True
    return not (text[local - 1] == "=" or "." in domain.group())
