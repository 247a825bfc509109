"""Rate limits: what every caller may do here, and what a route allows on top of that.

A caller is known by their id, and a visitor by the address the gateway saw; no header that a client can write is
looked at.
"""

from datetime import datetime

from chalicelib.core.context import Context
from chalicelib.core.settings import settings
from chalicelib.http.buckets import Buckets
from chalicelib.http.operations import Operation, RateLimit
from chalicelib.http.ports import Limit

_MINUTE = 60
_here = Buckets()


def forget() -> None:
    """Fill every bucket of this process."""
    _here.forget()


def check_address(client_ip: str, now: datetime) -> None:
    """What one address may ask of one process, whatever it asks. No store call. Raises TooMany."""
    stage = settings()
    _here.take(
        "address",
        _network(client_ip),
        limit=stage.ip_requests_per_minute * stage.ip_limit_factor,
        window_seconds=_MINUTE,
        now=now,
    )


def check_caller(op: Operation, ctx: Context, shared: Limit) -> None:
    """What one person may ask of one process, then the limits of this route. Raises TooMany.

    Store calls: 1 for each limit of the route that all processes share, 2 while a burst is being spent.
    """
    stage = settings()
    if ctx.actor.id:
        limit = stage.user_requests_per_minute * stage.ip_limit_factor
        _here.take("user", ctx.actor.id, limit=limit, window_seconds=_MINUTE, now=ctx.now)
    for number, rule in enumerate(op.rate_limits):
        if rule.per == "guest" and ctx.actor.id:
            continue
        what = f"{op.id}.{number}" if number else op.id
        _check(rule, what, ctx, shared)


def _check(rule: RateLimit, what: str, ctx: Context, shared: Limit) -> None:
    by_person = rule.per == "user" and bool(ctx.actor.id)
    subject = ctx.actor.id if by_person else _network(ctx.client_ip)
    factor = settings().ip_limit_factor
    if rule.shared:
        limit = rule.limit if by_person else rule.limit * factor
        shared(ctx, what, subject, limit=limit, window_seconds=rule.window_seconds)
    else:
        subject = f"{ctx.tenant} {subject}"
        _here.take(what, subject, limit=rule.limit * factor, window_seconds=rule.window_seconds, now=ctx.now)


def _network(client_ip: str) -> str:
    """Who an address belongs to: itself, or the /64 of an IPv6 address, all of which one line is given."""
    if ":" not in client_ip:
        return client_ip or "unknown"
    import ipaddress

    try:
        address = ipaddress.IPv6Address(client_ip.partition("%")[0])
    except ValueError:
        return "unknown"
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)).network_address)
