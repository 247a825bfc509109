"""Where the verification of their identity stands, with what they stated masked."""

from typing import Any

from chalicelib.core.context import Context
from chalicelib.kyc import service as kyc
from chalicelib.kyc.schemas import KycView
from chalicelib.privacy.holders.base import Holder
from chalicelib.store import Page


def _verification(ctx: Context, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    return Page([KycView.of(kyc.own(ctx)).model_dump(mode="json")])


HOLDERS = (Holder("verification", _verification),)
