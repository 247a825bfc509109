"""Ids: `<prefix>_<ULID>`, time-sortable, unguessable; and the SKU numbering inside a product's id."""

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Protocol

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BASE = len(_ALPHABET)
_LENGTH = 26
_TIME_CHARS = 10
_ORDINAL_CHARS = 2
MOST_SKUS = _BASE**_ORDINAL_CHARS - 1


class Randomness(Protocol):
    def bits(self, count: int) -> int:
        """`count` random bits as a whole number."""
        ...


class SystemRandomness:
    def bits(self, count: int) -> int:
        return secrets.randbits(count)


_randomness: Randomness = SystemRandomness()


def random_bits(count: int) -> int:
    return _randomness.bits(count)


def random_fraction() -> float:
    """In [0, 1): for jitter, never for secrets."""
    return _randomness.bits(53) / (1 << 53)


def use_randomness(source: Randomness) -> Randomness:
    """Replace the random source (a seeded one in replays); returns the one before."""
    global _randomness
    before, _randomness = _randomness, source
    return before


def _encode(number: int, length: int) -> str:
    out = []
    for _ in range(length):
        number, digit = divmod(number, _BASE)
        out.append(_ALPHABET[digit])
    return "".join(reversed(out))


def ulid(at: datetime) -> str:
    """26 characters: 48 bits of milliseconds, 80 random bits."""
    milliseconds = int(at.timestamp() * 1000)
    return _encode(milliseconds, _TIME_CHARS) + _encode(random_bits(80), _LENGTH - _TIME_CHARS)


def new_id(prefix: str, at: datetime) -> str:
    return f"{prefix}_{ulid(at)}"


def derived_id(prefix: str, *parts: str) -> str:
    """The same id for the same parts, always: what an import or a consumer makes twice stays one thing."""
    digest = hashlib.sha256("\x00".join(parts).encode()).digest()
    return f"{prefix}_{_encode(int.from_bytes(digest[:16], 'big') >> 1, _LENGTH)}"


def same_ulid(prefix: str, other_id: str) -> str:
    """An id under another prefix for a thing that exists once per `other_id` (an order's reservation)."""
    return f"{prefix}_{other_id.partition('_')[2]}"


def as_product_id(some_id: str) -> str:
    """Zero the ordinal: product ids end in `00`, so that a SKU's id can name its product."""
    return some_id[:-_ORDINAL_CHARS] + "0" * _ORDINAL_CHARS


def sku_id(product_id: str, ordinal: int) -> str:
    """The id of a product's n-th SKU (1..1023). It differs from the product's in prefix and last two characters."""
    if not 1 <= ordinal <= MOST_SKUS:
        raise ValueError(f"a product has at most {MOST_SKUS} SKUs over its life")
    return "sku_" + product_id.partition("_")[2][:-_ORDINAL_CHARS] + _encode(ordinal, _ORDINAL_CHARS)


def product_of(sku: str) -> str:
    return "prd_" + sku.partition("_")[2][:-_ORDINAL_CHARS] + "0" * _ORDINAL_CHARS


def order_number(at: datetime) -> str:
    """For people: `yyMMddHHmmss` in UTC and eight random digits. Sorts by time, cannot be guessed in sequence.

    Eight digits a second make a clash rare; the place transaction puts the number as an item of its own, so a
    clash is refused there and another number is drawn.
    """
    return at.astimezone(UTC).strftime("%y%m%d%H%M%S") + f"{random_bits(53) % 10**8:08d}"


def pattern(prefix: str) -> str:
    return rf"^{prefix}_[0-7][0-9A-HJKMNP-TV-Z]{{25}}$"
