"""API shapes of messages."""

from chalicelib.http import ListOf, Timestamp, View


class NotificationView(View):
    id: str
    at: Timestamp
    about: str
    title: str
    text: str
    order_id: str | None


class NotificationPage(ListOf[NotificationView]):
    pass
