"""API shapes of payments."""

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.core import ids
from chalicelib.core.money import Money
from chalicelib.http import Body, ListOf, ListQuery, Timestamp, View

PaymentId = Annotated[str, Field(pattern=ids.pattern("pay"))]
ProviderName = Annotated[str, Field(pattern=r"^[a-z_]{1,30}$")]
Status = Literal["created", "pending", "succeeded", "failed", "closed"]


class CreatePayment(Body):
    provider: Literal["sandbox", "stripe", "wechat_pay", "alipay", "wallet"]
    method: Literal["jsapi", "native", "page", "wap", "card"] | None = None


class PaymentView(View):
    id: str
    order_id: str
    status: Status
    provider: str
    method: str | None
    amount: Money
    client: dict[str, Any]
    """What the provider's client SDK needs to let the customer pay."""
    created_at: Timestamp
    paid_at: Timestamp | None

    @classmethod
    def of(cls, thing: Any) -> "PaymentView":
        return cls.model_validate(
            {
                "id": thing.payment_id,
                "order_id": thing.order_id,
                "status": thing.status,
                "provider": thing.provider,
                "method": thing.method,
                "amount": thing.amount,
                "client": thing.client if thing.status in ("created", "pending") else {},
                "created_at": thing.created_at,
                "paid_at": thing.paid_at,
            }
        )


class PaymentQuery(ListQuery):
    status: Status = "succeeded"


class PaymentRow(View):
    id: str
    order_id: str
    status: Status
    provider: str
    amount: Money
    created_at: str


class PaymentPage(ListOf[PaymentRow]):
    pass


class ParkedRow(View):
    provider: str
    event_id: str
    at: str
    why: str
    payment_id: str
    told: dict[str, Any]


class ParkedPage(ListOf[ParkedRow]):
    pass


class SandboxCall(Body):
    """How the sandbox sends its webhook: `times` over, after a delay, or not at all (`deliver: false`)."""

    times: Annotated[int, Field(ge=1, le=100)] = 1
    delay_seconds: Annotated[int, Field(ge=0, le=86_400)] = 0
    deliver: bool = True


class SandboxAnswer(View):
    payment_id: str
    charge: Literal["paid", "failed", "disputed"]
    callbacks: int
    """How many signed callbacks were sent and acknowledged before this answer."""
