"""API shapes of payment channels."""

from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints

from chalicelib.core.money import Money
from chalicelib.core.text import Locale
from chalicelib.http import Body, Query, View
from chalicelib.payments.channels import Offer
from chalicelib.payments.providers.declared import DECLARED, Client
from chalicelib.tenants.schemas import Amount, CurrencyCode, Reason

Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")
]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Given = Annotated[str, Field(min_length=1, max_length=300)]


class WriteTitle(Body):
    en: Title
    zh: Title


class Bound(Body):
    amount: Amount
    currency: CurrencyCode
    """The shop's."""


class WriteChannel(Body):
    """The channel as a whole: what is left out goes back to its default."""

    enabled: bool = True
    position: Annotated[int, Field(ge=0, le=1000)] = 0
    """Lower ones are shown first."""
    title: WriteTitle | None = None
    """What customers read; null: the provider's usual name."""
    clients: Annotated[list[Client], Field(min_length=1, max_length=2)] | None = None
    """Where it is offered; null: wherever the provider can be."""
    min_amount: Bound | None = None
    max_amount: Bound | None = None
    ids: Annotated[dict[Name, Given], Field(max_length=10)] = Field(default_factory=dict)
    """What identifies the shop at the provider, by name; see `known_ids`."""
    secrets: Annotated[dict[Name, Given], Field(max_length=10)] = Field(default_factory=dict)
    """Where each secret is kept, by name: `ssm:…` or `secret:…`, never the secret itself; see `known_secrets`."""
    reason: Reason | None = None
    """For the record."""


class TitleView(View):
    en: str
    zh: str


class ChannelView(View):
    provider: str
    available: bool
    """Whether this stage can take money this way at all."""
    offered: bool
    """Whether customers may choose it: available and enabled."""
    is_default: bool
    """Nothing was set: it is as the stage has it."""
    enabled: bool
    position: int
    title: TitleView
    clients: list[Client]
    min_amount: Money | None
    max_amount: Money | None
    ids: dict[str, str]
    secrets: dict[str, str]
    """Where each secret is kept."""
    known_ids: list[str]
    known_secrets: list[str]
    secrets_below: list[str]
    """What the references of this shop's secrets begin with."""

    @classmethod
    def of(cls, thing: Any) -> Self:
        offer: Offer = thing
        one, declared = offer.channel, DECLARED[offer.provider]
        return cls(
            provider=offer.provider,
            available=offer.is_available,
            offered=offer.is_offered,
            is_default=one.version == 0,
            enabled=one.is_enabled,
            position=one.position,
            title=TitleView(en=offer.title.en, zh=offer.title.zh),
            clients=sorted(offer.clients),
            min_amount=offer.least,
            max_amount=offer.most,
            ids=one.ids,
            secrets=one.references,
            known_ids=list(declared.ids),
            known_secrets=sorted(declared.secrets),
            secrets_below=list(offer.secrets_below),
        )


class ChannelList(View):
    data: list[ChannelView]


class MethodQuery(Query):
    client: Client | None = None
    amount: Annotated[int | None, Field(ge=0, le=10**15)] = None
    """What has to be paid, in minor units: what is not taken for as much is left out."""


class MethodView(View):
    provider: str
    title: str
    """In the language of Accept-Language."""
    clients: list[Client]
    min_amount: Money | None
    max_amount: Money | None

    @classmethod
    def shown(cls, offer: Offer, locale: Locale) -> Self:
        return cls(
            provider=offer.provider,
            title=offer.title.zh if locale == "zh-CN" else offer.title.en,
            clients=sorted(offer.clients),
            min_amount=offer.least,
            max_amount=offer.most,
        )


class MethodList(View):
    data: list[MethodView]
