"""What every kind of document knows of itself."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from chalicelib.core.text import Text

DocumentCode = Literal["id_card", "passport", "travel_permit"]
Side = Literal["front", "back", "holder", "other"]
"""What an image shows; `holder` is the person with the document in hand."""

WRONG_FORM = Text("is not a number of such a document", "证件号码格式不正确")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with what was stated."""

    field: str
    code: str
    said: Text


class DocumentType(Protocol):
    sides: tuple[Side, ...]
    """The images it cannot be judged without."""

    def faults(self, number: str, birth_date: date) -> list[Fault]:
        """What is wrong with a number, alone and beside the birth date. Numbers come in capitals."""
        ...

    def masked(self, number: str) -> str:
        """Enough of a number to recognise it, too little to use it."""
        ...


def starred(text: str, *, head: int, tail: int) -> str:
    """The first and the last characters of a text, stars between."""
    return text[:head] + "*" * (len(text) - head - tail) + text[len(text) - tail :]
