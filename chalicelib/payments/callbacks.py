"""Callbacks: verified over the raw bytes, acted on, acknowledged the way the provider wants."""

from datetime import timedelta

from chalicelib.core import clock
from chalicelib.core.context import Context, system
from chalicelib.http import Raw, RawAnswer
from chalicelib.payments import settling
from chalicelib.payments.providers import provider_for_callback
from chalicelib.payments.providers.base import Told
from chalicelib.payments.providers.sandbox import Sandbox
from chalicelib.store import Event, emit, transaction


def receive(ctx: Context, provider_name: str, raw: Raw) -> RawAnswer:
    """Raises NotFound for an unknown provider, SignatureInvalid, and Unavailable when the store cannot answer:
    then the provider calls again."""
    adapter = provider_for_callback(provider_name)
    told = adapter.verify(raw, ctx.now)
    settling.receive(told, request_id=ctx.request_id)
    return adapter.acknowledge()


def send_from_sandbox(ctx: Context, told: Told, *, times: int, delay_seconds: int) -> int:
    """Let the sandbox call us: now, `times` over, or later through the outbox. Answers how many were acknowledged."""
    if delay_seconds:
        with transaction(ctx) as tx:
            emit(
                tx,
                "sandbox.callback_due",
                {"payment_id": told.payment_id},
                not_before=ctx.now + timedelta(seconds=delay_seconds),
            )
        return 0
    sandbox = Sandbox()
    for _ in range(times):
        receive(ctx.fresh(), "sandbox", sandbox.webhook(told, clock.current().now()))
    return times


def sandbox_callback_due(ctx: Context, event: Event) -> None:
    """Consumer of `sandbox.callback_due`: the delayed call, with the news as it is then."""
    told = Sandbox().query(system(ctx.tenant), event.data["payment_id"])
    if told is not None:
        send_from_sandbox(ctx, told, times=1, delay_seconds=0)
