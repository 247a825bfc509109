"""What has to work before requests are worth sending here."""

from chalicelib.core.errors import Unavailable
from chalicelib.core.text import Text
from chalicelib.store import reachable

RETRY_AFTER_SECONDS = 5


class StoreUnreachable(Unavailable):
    code = "store_unreachable"
    title = Text("The table cannot be read", "无法读取数据表")


def check() -> None:
    """At most two seconds. One GetItem. Raises StoreUnreachable."""
    if not reachable():
        raise StoreUnreachable(retry_after=RETRY_AFTER_SECONDS)
