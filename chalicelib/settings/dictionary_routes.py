"""Code lists: changed by staff, chosen from by customers, kept by clients and proxies."""

from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound, PreconditionFailed
from chalicelib.http import TOKENLESS, Idempotent, RawAnswer, Routes, staff
from chalicelib.settings import dictionaries
from chalicelib.settings import dictionary_editing as editing
from chalicelib.settings.dictionaries import Dictionary, Entry
from chalicelib.settings.dictionary_editing import DefaultStays, DictionaryTaken, NotEmpty, TooManyCodes
from chalicelib.settings.dictionary_schemas import (
    Code,
    CreateDictionary,
    DictionaryList,
    DictionaryView,
    EntryList,
    EntryQuery,
    EntryView,
    LabelView,
    PublicDictionary,
    WriteDictionary,
    WriteEntry,
)

routes = Routes("dictionaries")

_KEPT = "public, max-age=60"
"""As long as another process may go on with a list that was just changed."""
_READ, _WRITE = staff("settings:read"), staff("settings:write")


@routes.get("/v1/dictionaries/{dictionary}", permission=TOKENLESS, answer=PublicDictionary, errors=[NotFound])
def read_choices(ctx: Context, dictionary: Code, if_none_match: str) -> RawAnswer:
    """What customers choose from: carriers, reasons, units, and the shop's own lists. In both languages."""
    return dictionaries.shown(ctx, dictionary).unless(if_none_match, _KEPT, Vary="Origin, X-Tenant")


@routes.get("/v1/admin/settings/dictionaries", permission=_READ)
def list_dictionaries(ctx: Context) -> DictionaryList:
    """All code lists: those that every shop has, and the shop's own."""
    return DictionaryList(data=[DictionaryView.of(one) for one in dictionaries.listed(ctx)])


@routes.post(
    "/v1/admin/settings/dictionaries",
    permission=_WRITE,
    status=201,
    answer=DictionaryView,
    idempotent=Idempotent.ACCEPTED,
    errors=[DictionaryTaken, TooManyCodes],
)
def create_dictionary(ctx: Context, body: CreateDictionary) -> Dictionary:
    """A code list of the shop's own."""
    return editing.create(ctx, body)


@routes.get("/v1/admin/settings/dictionaries/{dictionary}", permission=_READ, errors=[NotFound])
def read_dictionary(ctx: Context, dictionary: Code, query: EntryQuery) -> EntryList:
    """One list with all its entries, also those that are switched off."""
    head = dictionaries.described(ctx, dictionary)
    found = dictionaries.entries(ctx.tenant, dictionary)
    kept = [EntryView.of(one) for one in found if query.enabled in (None, one.is_enabled)]
    return EntryList(dictionary=dictionary, title=LabelView.of(head.title), data=kept)


@routes.put(
    "/v1/admin/settings/dictionaries/{dictionary}",
    permission=_WRITE,
    answer=DictionaryView,
    errors=[NotFound, DefaultStays, PreconditionFailed],
)
def rename_dictionary(
    ctx: Context, dictionary: Code, body: WriteDictionary, if_match: int | None
) -> Dictionary:
    """Give a list of the shop's own another title."""
    return editing.rename(ctx, dictionary, body, if_match)


@routes.delete(
    "/v1/admin/settings/dictionaries/{dictionary}",
    permission=_WRITE,
    status=204,
    errors=[NotFound, DefaultStays, NotEmpty, PreconditionFailed],
)
def delete_dictionary(ctx: Context, dictionary: Code, if_match: int | None) -> None:
    """Delete an empty list of the shop's own."""
    editing.take_away(ctx, dictionary, if_match)


@routes.put(
    "/v1/admin/settings/dictionaries/{dictionary}/entries/{entry}",
    permission=_WRITE,
    answer=EntryView,
    errors=[NotFound, TooManyCodes, PreconditionFailed],
)
def write_entry(ctx: Context, dictionary: Code, entry: Code, body: WriteEntry, if_match: int | None) -> Entry:
    """Add an entry, change one, or switch one off. The ETag is what If-Match takes; `"0"` for one that is new."""
    return editing.write_entry(ctx, dictionary, entry, body, if_match)


@routes.delete(
    "/v1/admin/settings/dictionaries/{dictionary}/entries/{entry}",
    permission=_WRITE,
    status=204,
    errors=[NotFound, DefaultStays, PreconditionFailed],
)
def delete_entry(ctx: Context, dictionary: Code, entry: Code, if_match: int | None) -> None:
    """Delete an entry of the shop's own; have one that every shop has as it was at first."""
    editing.delete_entry(ctx, dictionary, entry, if_match)
