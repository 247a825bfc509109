"""API shapes of code lists."""

from typing import Annotated

from pydantic import Field, StringConstraints

from chalicelib.http import Body, Query, View
from chalicelib.settings.schemas import Reason

Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$", examples=["sf"])]
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")
]


class WriteLabel(Body):
    en: Words
    zh: Words


class LabelView(View):
    en: str
    zh: str


class WriteDictionary(Body):
    title: WriteLabel
    reason: Reason | None = None
    """For the record."""


class CreateDictionary(WriteDictionary):
    dictionary: Code
    """Stays for good: clients and orders name the list by it."""


class WriteEntry(Body):
    label: WriteLabel
    position: Annotated[int, Field(ge=0, le=100_000)] = 0
    """Lower ones are shown first."""
    enabled: bool = True
    reason: Reason | None = None
    """For the record."""


class EntryQuery(Query):
    enabled: bool | None = None
    """Only those customers may choose (`true`), or only the others (`false`)."""


class DictionaryView(View):
    dictionary: str
    title: LabelView
    is_default: bool
    """Every shop has it: it cannot be renamed or deleted."""


class DictionaryList(View):
    data: list[DictionaryView]


class EntryView(View):
    code: str
    label: LabelView
    position: int
    is_enabled: bool
    is_default: bool
    """Every shop has it: it can be changed and switched off, not deleted."""
    version: int
    """What If-Match takes; 0 where the shop has changed nothing."""


class EntryList(View):
    dictionary: str
    title: LabelView
    data: list[EntryView]


class PublicEntry(View):
    code: str
    label: LabelView


class PublicDictionary(View):
    dictionary: str
    data: list[PublicEntry]
