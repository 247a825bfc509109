"""Whether the table answers: what a load balancer or a deployment asks before it sends requests here."""

import contextlib
import contextvars
import threading

from chalicelib.store.client import call, table_name
from chalicelib.store.keys import Ref

_NOBODY = Ref("health", "health")


def reachable(within_seconds: float = 2.0) -> bool:
    """Read one item that is not there, with the client every request uses. One GetItem, half a read unit.

    The wait is ours and not the client's: looking up a name, for one, has no timeout of its own.
    """
    answered: list[bool] = []

    def ask() -> None:
        with contextlib.suppress(Exception):
            call("GetItem", budget=within_seconds, TableName=table_name(), Key=_NOBODY.wire())
            answered.append(True)

    context = contextvars.copy_context()
    thread = threading.Thread(target=lambda: context.run(ask), name="reachable", daemon=True)
    thread.start()
    thread.join(within_seconds)
    return bool(answered)
