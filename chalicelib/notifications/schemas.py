"""API shapes of messages."""

from typing import Annotated

from pydantic import Field

from chalicelib.http import ListOf, ListQuery, Timestamp, View


class NotificationView(View):
    id: str
    at: Timestamp
    about: str
    title: str
    text: str
    order_id: str | None


class NotificationPage(ListOf[NotificationView]):
    pass


class OutboxQuery(ListQuery):
    to: Annotated[str | None, Field(max_length=254)] = None
    """A phone or an email, as it was given."""


class LetterView(View):
    id: str
    at: Timestamp
    to: str
    title: str
    text: str
    code: str | None
    """The code in it, for who reads by machine."""


class LetterPage(ListOf[LetterView]):
    pass
