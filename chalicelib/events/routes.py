"""The dead letter, for staff."""

from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound
from chalicelib.events.schemas import DeadLetter, DeadLetterPage, EventId, Resent
from chalicelib.http import ListQuery, Routes, staff
from chalicelib.store import outbox

routes = Routes("events")


@routes.get("/v1/admin/events/dead-letters", permission=staff("events:read"))
def list_dead_letters(ctx: Context, query: ListQuery) -> DeadLetterPage:
    """Events that could not be delivered in all their tries, newest first."""
    page = outbox.dead_letters(ctx, limit=query.limit, cursor=query.cursor)
    return DeadLetterPage.page([DeadLetter.of(row) for row in page.data], page.next_cursor)


@routes.post(
    "/v1/admin/events/dead-letters/{event_id}/resend", permission=staff("events:resend"), errors=[NotFound]
)
def resend_dead_letter(ctx: Context, event_id: EventId) -> Resent:
    """Put one back on its way, with all its tries. Consumers that had it are not told again."""
    event = outbox.resend(ctx, event_id)
    return Resent(id=event.event_id, name=event.name)
