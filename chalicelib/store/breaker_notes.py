"""What staff see of circuit breakers: the last change of each, by whichever process made it."""

from chalicelib.core import breakers
from chalicelib.core.breakers import Standing
from chalicelib.core.context import HOME
from chalicelib.store.attributes import Instant, Int, OptionalInstant, Text
from chalicelib.store.items import Item
from chalicelib.store.keys import Key
from chalicelib.store.latest import keep


class BreakerNote(Item, discriminator="breaker"):
    """A breaker's last change. Nothing is decided by it: each process goes by what it has seen itself."""

    audited = False
    key = Key("BREAKERS", "{provider}", "the last change of each circuit breaker")

    provider: Text = Text()
    state: Text = Text()
    """`open` or `closed`; that a rest is over is seen from `until`."""
    at: Instant = Instant()
    until: OptionalInstant = OptionalInstant(default=None)
    failures: Int = Int(default=0)
    reason: Text = Text(default="")


def write_down(changed: Standing) -> None:
    """One PutItem."""
    assert changed.at is not None  # noqa: S101 - a change has its time
    note = BreakerNote(
        tenant=HOME,
        provider=changed.provider,
        state=changed.state,
        at=changed.at,
        until=changed.until,
        failures=changed.failures,
        reason=changed.reason,
    )
    keep(note, "at")


def register() -> None:
    breakers.register(write_down)
