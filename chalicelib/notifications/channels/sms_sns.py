"""Text messages through Amazon SNS."""

from functools import cache
from typing import Any

from chalicelib.core import breakers
from chalicelib.core.context import Context
from chalicelib.core.settings import settings
from chalicelib.notifications.channels.base import Letter
from chalicelib.store.outages import is_outage


@cache
def _client() -> Any:
    import botocore.session
    from botocore.config import Config

    patience = Config(
        connect_timeout=2, read_timeout=8, retries={"total_max_attempts": 2, "mode": "standard"}
    )
    return botocore.session.get_session().create_client("sns", config=patience)


class Sns:
    def send(self, ctx: Context, letter: Letter) -> None:
        to = letter.to if letter.to.startswith("+") else settings().phone_country + letter.to
        transactional = {"DataType": "String", "StringValue": "Transactional"}
        breakers.of("sns").call(
            lambda: _client().publish(
                PhoneNumber=to,
                Message=letter.text,
                MessageAttributes={"AWS.SNS.SMS.SMSType": transactional},
            ),
            is_outage=is_outage,
        )
