"""The states of a verification, as a table that code, tests and the timeline read."""

from datetime import datetime, timedelta
from typing import Literal, cast

from chalicelib.core.errors import Conflict
from chalicelib.core.text import Text

State = Literal["none", "submitted", "approved", "rejected", "withdrawn", "expired", "erased"]
Listed = Literal["submitted", "approved", "rejected", "withdrawn", "expired"]
"""The states that staff list."""
Event = Literal["submit", "withdraw", "approve", "reject", "expire", "erase"]

MOVES: dict[tuple[State, Event], State] = {
    ("none", "submit"): "submitted",
    ("submitted", "withdraw"): "withdrawn",
    ("submitted", "approve"): "approved",
    ("submitted", "reject"): "rejected",
    ("withdrawn", "submit"): "submitted",
    ("rejected", "submit"): "submitted",
    ("approved", "expire"): "expired",
    ("expired", "submit"): "submitted",
    ("none", "erase"): "erased",
    ("submitted", "erase"): "erased",
    ("withdrawn", "erase"): "erased",
    ("rejected", "erase"): "erased",
    ("approved", "erase"): "erased",
    ("expired", "erase"): "erased",
}

KYC_EXPIRY = "kyc_expiry"
KYC_WAITING = "kyc_waiting"

GOOD_FOR = timedelta(days=5 * 365)
"""What is approved without a date is looked at afresh after this long: no approval lasts for ever (B22)."""
LONGEST = timedelta(days=20 * 366)
"""The longest a card of any kind is valid."""
ALARM_AFTER = timedelta(days=3)
"""How long a submission may wait for staff before an alarm, and between two alarms."""


class KycState(Conflict):
    """The move is not legal from where the verification stands."""

    code = "kyc_state"
    title = Text("The verification is not in a state for this", "实名认证当前状态不允许此操作")
    detail = Text("It is {state}: read it again.", "当前状态为 {state}，请刷新后再试。")


def move(state: str, event: Event) -> State:
    """Where `event` leads from `state`. Raises KycState when it leads nowhere."""
    after = MOVES.get((cast(State, state), event))
    if after is None:
        raise KycState(state=state)
    return after


def timer_of(state: State, at: datetime, expires_at: datetime | None) -> tuple[str | None, datetime | None]:
    """Which sweep looks at a verification that entered `state` at `at`, and when; it rests in the other states."""
    match state:
        case "submitted":
            return KYC_WAITING, at + ALARM_AFTER
        case "approved":
            return KYC_EXPIRY, expires_at
        case _:
            return None, None
