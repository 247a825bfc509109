"""The sandbox: letters stay here, where a developer reads them."""

from datetime import timedelta

from chalicelib.core.context import Context
from chalicelib.notifications.channels.base import Letter
from chalicelib.notifications.entities import SandboxLetter
from chalicelib.store import transaction

KEPT = timedelta(days=1)


class Sandbox:
    def send(self, ctx: Context, letter: Letter) -> None:
        with transaction(ctx) as tx:
            tx.overwrite(
                "letter",
                SandboxLetter(
                    tenant=ctx.tenant,
                    letter_id=letter.letter_id,
                    at=letter.at,
                    to=letter.to,
                    title=letter.title,
                    text=letter.text,
                    code=letter.code,
                    ttl=ctx.now + KEPT,
                ),
            )
