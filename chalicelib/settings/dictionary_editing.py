"""How staff change code lists. An entry is written with its version; a new one with its list."""

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, NotFound, PreconditionFailed
from chalicelib.core.text import Text
from chalicelib.settings import dictionaries
from chalicelib.settings.defaults import DEFAULTS
from chalicelib.settings.dictionaries import MOST_DICTIONARIES, MOST_ENTRIES, Dictionary, Entry
from chalicelib.settings.dictionary_schemas import CreateDictionary, WriteDictionary, WriteEntry, WriteLabel
from chalicelib.settings.entities import DictionaryEntry, Label, OwnDictionary, entry_ref
from chalicelib.store import again, get, refuse_repeat, refuse_with, remember, transaction


class DictionaryTaken(Conflict):
    code = "dictionary_taken"
    title = Text("There is a list of this name", "该字典已存在")
    detail = Text("Add entries to it, or choose another name.", "请在其中添加条目，或换一个名称。")


class DefaultStays(Conflict):
    code = "default_stays"
    title = Text("Every shop has this", "系统内置，不可删除或改名")
    detail = Text("Switch entries off that nobody should choose.", "如不需要，可停用相应条目。")


class NotEmpty(Conflict):
    code = "dictionary_not_empty"
    title = Text("The list still has entries", "字典中仍有条目")
    detail = Text("Delete its entries first.", "请先删除其中的条目。")


class TooManyCodes(Conflict):
    code = "too_many_codes"
    title = Text("There is no room for more", "数量已达上限")
    detail = Text("At most {most}. Delete what nobody needs.", "最多 {most} 个，请删除不再需要的。")


def create(ctx: Context, wish: CreateDictionary) -> Dictionary:
    """Store calls: 2. Raises DictionaryTaken, TooManyCodes, AlreadyDone."""
    if wish.dictionary in DEFAULTS:
        raise DictionaryTaken
    refuse_repeat(ctx)
    if len(dictionaries.own_dictionaries(ctx.tenant)) >= MOST_DICTIONARIES:
        raise TooManyCodes(most=MOST_DICTIONARIES)
    own = OwnDictionary(tenant=ctx.tenant, dictionary=wish.dictionary, title=_label(wish.title), version=1)
    made = Dictionary(own.dictionary, own.title, False, own.version)
    with transaction(ctx) as tx:
        tx.put("dictionary", own, refuse=refuse_with(DictionaryTaken))
        remember(tx, made)
    dictionaries.forget()
    return made


def rename(ctx: Context, dictionary: str, wish: WriteDictionary, if_match: int | None) -> Dictionary:
    """Store calls: 2. Raises NotFound, DefaultStays, PreconditionFailed."""
    own = _own(ctx, dictionary, if_match)
    own.title = _label(wish.title)
    with transaction(ctx) as tx:
        tx.replace("dictionary", own)
    dictionaries.forget()
    return Dictionary(dictionary, own.title, False, own.version)


def take_away(ctx: Context, dictionary: str, if_match: int | None) -> None:
    """Only an empty list goes. Store calls: 3. Raises NotFound, DefaultStays, NotEmpty, PreconditionFailed."""
    own = _own(ctx, dictionary, if_match)
    if dictionaries.entries(ctx.tenant, dictionary):
        raise NotEmpty
    with transaction(ctx) as tx:
        # an entry that comes meanwhile writes the list too: one of the two is refused
        tx.delete(
            "dictionary",
            own.ref,
            was=own,
            when=OwnDictionary.version == own.version,
            refuse=refuse_with(PreconditionFailed),
        )
    dictionaries.forget()


def write_entry(ctx: Context, dictionary: str, code: str, wish: WriteEntry, if_match: int | None) -> Entry:
    """Add an entry, or change one. Here at once, for customers elsewhere within a minute.

    Store calls: 2 or 3, more only after a lost race without `if_match`. Raises NotFound, TooManyCodes,
    PreconditionFailed.
    """
    if if_match is not None:
        return _write_once(ctx, dictionary, code, wish, if_match)
    return again(lambda: _write_once(ctx, dictionary, code, wish, None), PreconditionFailed)


def _write_once(ctx: Context, dictionary: str, code: str, wish: WriteEntry, if_match: int | None) -> Entry:
    own = dictionaries.own_or_none(ctx, dictionary)
    stored = get(DictionaryEntry, entry_ref(ctx.tenant, dictionary, code))
    _check_version(if_match, stored)
    if stored is None and len(dictionaries.entries(ctx.tenant, dictionary)) >= MOST_ENTRIES:
        raise TooManyCodes(most=MOST_ENTRIES)
    label = _label(wish.label)
    entry = stored or DictionaryEntry(tenant=ctx.tenant, dictionary=dictionary, code=code, label=label)
    entry.label, entry.position, entry.is_enabled = label, wish.position, wish.enabled
    with transaction(ctx) as tx:
        if stored is not None:
            tx.replace("entry", entry)
        else:
            entry.version = 1
            tx.put("entry", entry, refuse=refuse_with(PreconditionFailed))
            if own is not None:
                tx.replace("dictionary", own)
    dictionaries.forget()
    return _counted(dictionary, entry)


def delete_entry(ctx: Context, dictionary: str, code: str, if_match: int | None) -> None:
    """An entry of the shop's own goes; one that every shop has is as it was at first.

    Store calls: 2 or 3. Raises NotFound, DefaultStays, PreconditionFailed.
    """
    dictionaries.own_or_none(ctx, dictionary)
    stored = get(DictionaryEntry, entry_ref(ctx.tenant, dictionary, code))
    if stored is None:
        raise DefaultStays if dictionary in DEFAULTS and code in DEFAULTS[dictionary].entries else NotFound
    _check_version(if_match, stored)
    with transaction(ctx) as tx:
        tx.delete(
            "entry",
            stored.ref,
            was=stored,
            when=DictionaryEntry.version == stored.version,
            refuse=refuse_with(PreconditionFailed),
        )
    dictionaries.forget()


def _own(ctx: Context, dictionary: str, if_match: int | None) -> OwnDictionary:
    own = dictionaries.own_or_none(ctx, dictionary)
    if own is None:
        raise DefaultStays
    _check_version(if_match, own)
    return own


def _check_version(if_match: int | None, stored: OwnDictionary | DictionaryEntry | None) -> None:
    if if_match is not None and if_match != (stored.version if stored else 0):
        raise PreconditionFailed


def _label(wish: WriteLabel) -> Label:
    return Label(en=wish.en, zh=wish.zh)


def _counted(dictionary: str, entry: DictionaryEntry) -> Entry:
    return next(one for one in dictionaries.merged(dictionary, [entry]) if one.code == entry.code)
