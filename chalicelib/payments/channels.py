"""Payment channels: which providers a shop offers, to whom, for which amounts. What starting a payment asks."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict
from chalicelib.core.money import Money
from chalicelib.core.remembering import Remembered
from chalicelib.core.settings import settings
from chalicelib.core.text import Text
from chalicelib.payments.entities import ChannelTitle, PaymentChannel
from chalicelib.payments.providers import ProviderOff, is_on
from chalicelib.payments.providers.declared import CLIENT_OF_METHOD, DECLARED, Client
from chalicelib.store import collection
from chalicelib.tenants import service as tenants

_known: Remembered[str, Mapping[str, PaymentChannel]] = Remembered()


class NotForThisClient(Conflict):
    code = "provider_not_for_client"
    title = Text("This payment provider is not offered here", "该支付方式不适用于当前客户端")
    detail = Text("Choose another provider or method.", "请选择其他支付方式。")


class AmountNotTaken(Conflict):
    """`least` and `most` are what the shop takes this way; null: no bound."""

    code = "amount_not_taken"
    title = Text("This amount is not taken this way", "该金额不支持此支付方式")
    detail = Text("Choose another provider.", "请选择其他支付方式。")


@dataclass(frozen=True, slots=True)
class Offer:
    """One provider as one shop offers it."""

    channel: PaymentChannel
    """As it is stored; where nothing is, as if it had just been made."""
    currency: str
    """The shop's."""
    is_available: bool
    """The stage can take money this way."""

    @property
    def provider(self) -> str:
        return self.channel.provider

    @property
    def title(self) -> ChannelTitle:
        usual = DECLARED[self.provider].title
        return self.channel.title or ChannelTitle(en=usual.en, zh=usual.zh)

    @property
    def secrets_below(self) -> tuple[str, str]:
        """What the references of the shop's secrets begin with: in Parameter Store, and in Secrets Manager."""
        folder = f"souk/{settings().stage}/shops/{self.channel.tenant}/"
        return f"ssm:/{folder}", f"secret:{folder}"

    @property
    def least(self) -> Money | None:
        return self._money(self.channel.least)

    @property
    def most(self) -> Money | None:
        return self._money(self.channel.most)

    def _money(self, bound: int | None) -> Money | None:
        return None if bound is None else Money(amount=bound, currency=self.currency)

    @property
    def clients(self) -> frozenset[Client]:
        possible = DECLARED[self.provider].clients
        return possible & self.channel.clients if self.channel.clients else possible

    @property
    def is_offered(self) -> bool:
        return self.is_available and self.channel.is_enabled

    @property
    def version(self) -> int:
        return self.channel.version

    def takes(self, amount: int) -> bool:
        """In minor units of the shop's currency."""
        least, most = self.channel.least, self.channel.most
        return (least is None or amount >= least) and (most is None or amount <= most)

    def check_amount(self, amount: Money) -> None:
        """Raises AmountNotTaken."""
        if not self.takes(amount.amount):
            least, most = (bound and bound.model_dump() for bound in (self.least, self.most))
            raise AmountNotTaken(provider=self.provider, least=least, most=most)


def every(ctx: Context, *, fresh: bool = False) -> list[Offer]:
    """All providers there are, in the shop's order. At most one Query a minute; `fresh`: one now."""
    stored = _read(ctx.tenant) if fresh else _known.get(ctx.tenant, lambda: _read(ctx.tenant))
    offers = [
        as_offered(ctx, stored.get(name) or PaymentChannel(tenant=ctx.tenant, provider=name, position=place))
        for place, name in enumerate(DECLARED)
    ]
    return sorted(offers, key=lambda one: (one.channel.position, one.provider))


def as_offered(ctx: Context, channel: PaymentChannel) -> Offer:
    return Offer(channel, tenants.of(ctx).currency, is_on(channel.provider))


def _read(tenant: str) -> dict[str, PaymentChannel]:
    found = collection(tenant, PaymentChannel.key).all(PaymentChannel)
    return {one.provider: one for one in found}


def forget() -> None:
    """Ask the table again at the next look."""
    _known.forget()


def offered(ctx: Context, provider: str, method: str | None) -> Offer:
    """What the shop says of a provider that a customer wants to pay by. At most one Query a minute.

    Raises ProviderOff, NotForThisClient.
    """
    offer = next((one for one in every(ctx) if one.provider == provider), None)
    if offer is None or not offer.is_offered:
        raise ProviderOff(provider=provider)
    client = CLIENT_OF_METHOD.get(method or "")
    if client is not None and client not in offer.clients:
        raise NotForThisClient(provider=provider, client=client)
    return offer


def choices(ctx: Context, client: Client | None, amount: int | None) -> list[Offer]:
    """What a customer may choose today, in the shop's order. At most one Query a minute."""
    return [
        one
        for one in every(ctx)
        if one.is_offered
        and (client is None or client in one.clients)
        and (amount is None or one.takes(amount))
    ]
