"""API shapes of the dead letter."""

from typing import Annotated

from pydantic import Field

from chalicelib.core import ids
from chalicelib.http import ListOf, View

EventId = Annotated[str, Field(pattern=ids.pattern("evt"))]


class DeadLetter(View):
    id: str
    name: str
    occurred_at: str
    attempts: int
    last_error: str


class DeadLetterPage(ListOf[DeadLetter]):
    pass


class Resent(View):
    id: str
    name: str
