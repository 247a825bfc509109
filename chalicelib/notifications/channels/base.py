"""What a channel is given, and what it has to do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.core.context import Context


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to one address. It may hold a code: it is never logged."""

    letter_id: str
    """Follows from what caused it: the same letter sent twice has one id."""
    at: datetime
    """When that happened."""
    to: str
    title: str
    text: str
    code: str | None = None


class Channel(Protocol):
    def send(self, ctx: Context, letter: Letter) -> None:
        """Hand the letter over. May be called twice for one letter; raises when it was not taken."""
        ...
