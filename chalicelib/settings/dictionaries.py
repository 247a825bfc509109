"""Code lists: those that every shop has, with what a shop made of them, and those of its own."""

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound
from chalicelib.core.remembering import Remembered
from chalicelib.http import Kept
from chalicelib.settings.defaults import DEFAULTS
from chalicelib.settings.dictionary_schemas import PublicDictionary, PublicEntry
from chalicelib.settings.entities import DictionaryEntry, Label, OwnDictionary, dictionary_ref
from chalicelib.store import collection, get

MOST_DICTIONARIES = 100
"""Of a shop's own."""
MOST_ENTRIES = 200
"""Of one list: it is read, and answered, as a whole."""

_shown: Remembered[tuple[str, str], Kept] = Remembered()
_own: Remembered[str, dict[str, OwnDictionary]] = Remembered()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it counts now."""

    code: str
    label: Label
    position: int
    is_enabled: bool
    is_default: bool
    """Every shop has it: it can be switched off, not deleted."""
    version: int
    """0 where the shop has changed nothing."""


@dataclass(frozen=True, slots=True)
class Dictionary:
    """One code list."""

    dictionary: str
    title: Label
    is_default: bool
    version: int


def listed(ctx: Context) -> list[Dictionary]:
    """All code lists of the shop, by code. One Query."""
    own = own_dictionaries(ctx.tenant)
    usual = [Dictionary(code, one.title, True, 0) for code, one in DEFAULTS.items()]
    mine = [Dictionary(one.dictionary, one.title, False, one.version) for one in own.values()]
    return sorted([*usual, *mine], key=lambda one: one.dictionary)


def own_dictionaries(tenant: str) -> dict[str, OwnDictionary]:
    """One Query."""
    found = collection(tenant, OwnDictionary.key).all(OwnDictionary)
    return {one.dictionary: one for one in found}


def own_or_none(ctx: Context, dictionary: str) -> OwnDictionary | None:
    """None for a list that every shop has. At most one GetItem. Raises NotFound."""
    if dictionary in DEFAULTS:
        return None
    own = get(OwnDictionary, dictionary_ref(ctx.tenant, dictionary))
    if own is None:
        raise NotFound
    return own


def described(ctx: Context, dictionary: str) -> Dictionary:
    """At most one GetItem. Raises NotFound."""
    own = own_or_none(ctx, dictionary)
    if own is None:
        return Dictionary(dictionary, DEFAULTS[dictionary].title, True, 0)
    return Dictionary(dictionary, own.title, False, own.version)


def entries(tenant: str, dictionary: str) -> list[Entry]:
    """All entries of a list that is there, in their order. One Query."""
    stored = collection(tenant, DictionaryEntry.key, dictionary=dictionary).all(DictionaryEntry)
    return merged(dictionary, stored)


def merged(dictionary: str, stored: Iterable[DictionaryEntry]) -> list[Entry]:
    """Pure: what every shop has, with the shop's own in its place."""
    default = DEFAULTS.get(dictionary)
    usual = default.entries if default else {}
    found = {
        code: Entry(code, label, default.position(code) if default else 0, True, True, 0)
        for code, label in usual.items()
    }
    for one in stored:
        found[one.code] = Entry(
            one.code, one.label, one.position, one.is_enabled, one.code in usual, one.version
        )
    return sorted(found.values(), key=lambda one: (one.position, one.code))


def shown(ctx: Context, dictionary: str) -> Kept:
    """What customers choose from: the enabled entries of one list. At most two Queries a minute. Raises NotFound."""
    if dictionary not in DEFAULTS:
        # asked of the memory of all lists: made-up names cost nothing and fill nothing
        own = _own.get(ctx.tenant, lambda: own_dictionaries(ctx.tenant))
        if dictionary not in own:
            raise NotFound
    return _shown.get((ctx.tenant, dictionary), lambda: _written(ctx, dictionary))


def _written(ctx: Context, dictionary: str) -> Kept:
    enabled = [one for one in entries(ctx.tenant, dictionary) if one.is_enabled]
    view = PublicDictionary(dictionary=dictionary, data=[PublicEntry.of(one) for one in enabled])
    return Kept.of(view.model_dump_json())


def forget() -> None:
    """Ask the table again at the next look."""
    _shown.forget()
    _own.forget()
