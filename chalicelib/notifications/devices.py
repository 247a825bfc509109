"""A customer's devices. A device is known by its push token, or else by its platform and name."""

import base64
from collections.abc import Callable

from chalicelib.core import ids, sealing
from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound, PreconditionFailed
from chalicelib.notifications.entities import Device, DeviceBook, Platform, device_book_ref
from chalicelib.store import again, get, refuse_with, transaction

MOST = 20
"""The one not seen for longest gives way to a new one."""


def register(ctx: Context, platform: Platform, name: str, push_token: str | None) -> Device:
    """Make a device known, or seen again: the same one twice is one. Store calls: 2."""
    known_by = f"token\x00{push_token}" if push_token else f"{platform}\x00{name}"
    device_id = ids.derived_id("dev", ctx.customer_id, sealing.fingerprint(known_by, "device"))
    sealed = _sealed(ctx, device_id, push_token) if push_token else None

    def seen(devices: list[Device]) -> list[Device]:
        first = next((one.created_at for one in devices if one.id == device_id), ctx.now)
        device = Device(
            id=device_id,
            platform=platform,
            name=name,
            sealed_token=sealed,
            created_at=first,
            last_seen_at=ctx.now,
        )
        others = [one for one in devices if one.id != device_id]
        others.sort(key=lambda one: one.last_seen_at)
        return [*others[-(MOST - 1) :], device]

    return _change(ctx, seen).devices[-1]


def listed(ctx: Context) -> list[Device]:
    """Last seen first. One GetItem."""
    return _book(ctx, ctx.customer_id).devices[::-1]


def forget(ctx: Context, device_id: str) -> None:
    """Nothing is pushed to it any more. Store calls: 2. Raises NotFound."""

    def without(devices: list[Device]) -> list[Device]:
        rest = [one for one in devices if one.id != device_id]
        if len(rest) == len(devices):
            raise NotFound
        return rest

    _change(ctx, without)


def push_tokens(ctx: Context, user_id: str) -> list[tuple[Platform, str]]:
    """Where to push for a customer, for the channel that does. One GetItem."""
    return [
        (one.platform, sealing.unseal(base64.b64decode(one.sealed_token), _owner(ctx, user_id, one.id)))
        for one in _book(ctx, user_id).devices
        if one.sealed_token
    ]


def _sealed(ctx: Context, device_id: str, push_token: str) -> str:
    return base64.b64encode(sealing.seal(push_token, _owner(ctx, ctx.customer_id, device_id))).decode()


def _owner(ctx: Context, user_id: str, device_id: str) -> str:
    return f"{device_book_ref(ctx.tenant, user_id).pk}#{device_id}"


def _book(ctx: Context, user_id: str) -> DeviceBook:
    known = get(DeviceBook, device_book_ref(ctx.tenant, user_id))
    return known or DeviceBook(tenant=ctx.tenant, user_id=user_id)


def _change(ctx: Context, change: Callable[[list[Device]], list[Device]]) -> DeviceBook:
    def attempt() -> DeviceBook:
        book = _book(ctx, ctx.customer_id)
        book.devices = change(book.devices)
        with transaction(ctx) as tx:
            if book.version:
                tx.replace("devices", book)
            else:
                book.version = 1
                tx.put("devices", book, refuse=refuse_with(PreconditionFailed))
        return book

    return again(attempt, PreconditionFailed)
