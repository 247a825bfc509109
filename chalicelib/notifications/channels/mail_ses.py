"""Mail through Amazon SES."""

from functools import cache
from typing import Any

from chalicelib.core import breakers
from chalicelib.core.context import Context
from chalicelib.core.settings import Misconfigured, settings
from chalicelib.notifications.channels.base import Letter
from chalicelib.store.outages import is_outage


@cache
def _client() -> Any:
    import botocore.session
    from botocore.config import Config

    patience = Config(
        connect_timeout=2, read_timeout=8, retries={"total_max_attempts": 2, "mode": "standard"}
    )
    return botocore.session.get_session().create_client("sesv2", config=patience)


class Ses:
    def send(self, ctx: Context, letter: Letter) -> None:
        sender = settings().mail_from
        if not sender:
            raise Misconfigured("SOUK_MAIL_FROM is not set: the address that mail comes from")
        content = {
            "Simple": {
                "Subject": {"Data": letter.title, "Charset": "UTF-8"},
                "Body": {"Text": {"Data": letter.text, "Charset": "UTF-8"}},
            }
        }
        breakers.of("ses").call(
            lambda: _client().send_email(
                FromEmailAddress=sender, Destination={"ToAddresses": [letter.to]}, Content=content
            ),
            is_outage=is_outage,
        )
