"""What must never stand in a log: secrets by the name of their field or by their look, whole phone numbers and
e-mail addresses. Pure, and used for every line.
"""

import re
from typing import Any

HIDDEN = "***"
LONGEST = 500
_READ = 8 * LONGEST
"""Of a longer value no more is looked at."""

_SECRET_WORDS = (
    "password",
    "passwd",
    "passphrase",
    "token",
    "secret",
    "authorization",
    "cookie",
    "credential",
    "api_key",
    "apikey",
    "private_key",
    "card_key",
    "card_number",
    "id_number",
    "document_number",
    "real_name",
    "js_code",
    "signature",
)
"""A field with one of these in its name is hidden, whatever it holds."""
_SECRET_NAMES = frozenset({"code", "sms_code", "otp", "pin", "cvv", "cvc", "jwt", "key", "keys", "phc"})
"""A field of exactly this name. `error_code` and `idempotency_key` are others."""
_OPEN_NAMES = frozenset({"hash"})
"""A digest that is logged to be compared later: the head of the audit chain."""
_KEY_VALUE = re.compile(
    r"(?P<name>(?<![\w-])[\w-]{0,40}?(?:"
    + "|".join(_SECRET_WORDS)
    + r")[\w-]{0,40}(?P<escape>\\{0,15})[\"']?\s{0,3}[:=]\s{0,3})"
    + r"(?:(?P=escape)(?P<quote>[\"'])"
    + r"(?:(?P=escape)\\(?P=escape).|(?!(?P=escape)(?P=quote)).)*+(?:(?P=escape)(?P=quote))?"
    + r"|(?:bearer |basic )?[^\s,;&}\])]++)",
    re.IGNORECASE | re.DOTALL,
)
"""JSON inside JSON escapes its quotes, and those inside its strings once more."""
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}+")
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{5,}+(?:\.[A-Za-z0-9_-]*+){1,2}")
_PYDANTIC_INPUT = re.compile(r"input_value=[^\n]{0,400}?(?=, input_type=|\n|$)", re.DOTALL)
"""Pydantic repeats what it was given in the text of its errors."""
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])([A-Za-z0-9])[A-Za-z0-9._%+-]{0,63}+@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})"
)
_PHONE = re.compile(
    r"(?<!\d)(?P<country>(?:\+|00)?86[ -]?)?(?P<head>1[3-9]\d)[ -]?\d{4}[ -]?(?P<tail>\d{4})(?!\d)"
)
_FOREIGN_PHONE = re.compile(r"(?<!\w)(\+\d{1,3})(?:[ -]?\d){4,8}[ -]?(\d{4})(?!\d)")
_ID_CARD = re.compile(r"(?<![0-9A-Za-z])([1-9]\d{5})(?:19|20)\d{9}[0-9Xx](?![0-9A-Za-z])")
"""A resident identity card: the district, a birth date of our time, the rest."""
_ARGON = re.compile(r"\$argon2[^\s'\"]{8,}+")
_LONG = re.compile(r"[A-Za-z0-9_-]{32,}+")
_SUSPECT = re.compile(r"[@=:]|\d{2}[ -]?\d{2}|[\w-]{32}|eyJ|(?i:bearer|basic) ")
"""Most of what is logged has none of these, and is done with one look."""
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")


def text(said: str) -> str:
    """Free text, a traceback too."""
    if _SUSPECT.search(said) is None:
        return said
    said = _PYDANTIC_INPUT.sub(f"input_value={HIDDEN}", said)
    said = _JWT.sub(HIDDEN, said)
    said = _BEARER.sub(lambda match: f"{match[1]} {HIDDEN}", said)
    said = _KEY_VALUE.sub(lambda match: match["name"] + HIDDEN, said)
    said = _ARGON.sub(HIDDEN, said)
    said = _EMAIL.sub(r"\1***@\2", said)
    said = _PHONE.sub(lambda match: f"{match['country'] or ''}{match['head']}****{match['tail']}", said)
    said = _ID_CARD.sub(rf"\1{HIDDEN}", said)
    said = _FOREIGN_PHONE.sub(r"\1****\2", said)
    return _LONG.sub(lambda match: HIDDEN if _looks_random(match[0]) else match[0], said)


def value(name: str, given: Any) -> Any:
    """A field of a line, as plain JSON values. Objects of ours are written out and then treated as text."""
    lowered = name.lower().replace("-", "_")
    if lowered in _SECRET_NAMES or any(word in lowered for word in _SECRET_WORDS):
        return HIDDEN
    if lowered in _OPEN_NAMES and _HEX.fullmatch(str(given)):
        return given
    if given is None or isinstance(given, bool | float):
        return given
    if isinstance(given, int):
        return given if _PHONE.fullmatch(str(given)) is None else text(str(given))
    if isinstance(given, dict):
        return {str(key): value(str(key), inner) for key, inner in given.items()}
    if isinstance(given, list | tuple | set | frozenset):
        return [value(name, inner) for inner in given]
    said = text(str(given)[:_READ])
    return said if len(said) <= LONGEST else said[:LONGEST] + "…"


def _looks_random(word: str) -> bool:
    """A key, a digest, base64: not an id of ours (30 characters), not a name in a program, not a request id."""
    if _UUID.fullmatch(word):
        return False
    if _HEX.fullmatch(word):
        return True
    kinds = (str.isdigit, str.islower, str.isupper)
    return all(any(kind(char) for char in word) for kind in kinds)
