"""Token buckets at the door: for an address, for a person, for a route; no header gets anybody past them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from chalicelib.core import clock as clocks
from chalicelib.core.context import Actor, Context
from chalicelib.core.errors import TooMany
from chalicelib.http import PUBLIC, RateLimit, Routes, limits
from chalicelib.http.buckets import Buckets
from tests.conftest import MORNING
from tests.shop import Shop, configured, send
from tests.unchanged import nothing_changes, store_calls


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    limits.forget()
    yield
    limits.forget()


def taken(buckets: Buckets, times: int, *, at: float = 0, subject: str = "a", limit: int = 5) -> int:
    """How many of so many tries had a token."""
    count = 0
    for _ in range(times):
        try:
            buckets.take("x", subject, limit=limit, window_seconds=60, now=MORNING + timedelta(seconds=at))
        except TooMany:
            continue
        count += 1
    return count


def test_a_full_bucket_gives_its_tokens_at_once_and_then_one_at_a_time() -> None:
    buckets = Buckets()
    assert taken(buckets, 20) == 5
    assert taken(buckets, 3, at=11.9) == 0
    assert taken(buckets, 3, at=12) == 1
    assert taken(buckets, 9, at=36) == 2
    assert taken(buckets, 20, at=3600) == 5, "what nobody took does not add up"


def test_a_refusal_says_when_the_next_token_comes() -> None:
    buckets = Buckets()
    taken(buckets, 5)
    with pytest.raises(TooMany) as refused:
        buckets.take("x", "a", limit=5, window_seconds=60, now=MORNING + timedelta(seconds=2))
    assert refused.value.retry_after == 10


def test_buckets_are_apart_and_their_number_is_bounded() -> None:
    buckets = Buckets(most=100)
    assert taken(buckets, 9, subject="a") == taken(buckets, 9, subject="b") == 5
    for n in range(500):
        taken(buckets, 1, subject=str(n))
    assert len(buckets) == 100


def test_a_clock_that_was_set_back_locks_nobody_out() -> None:
    buckets = Buckets()
    assert taken(buckets, 9, at=86400) == 5
    assert taken(buckets, 9, at=0) == 5


SPOOFED = ["x-forwarded-for", "x-real-ip", "forwarded", "true-client-ip", "cf-connecting-ip", "x-client-ip"]


@pytest.mark.ledger("S1-003")
def test_an_address_has_its_limit_whatever_it_says_of_itself(shop: Shop) -> None:
    with configured(SOUK_IP_REQUESTS_PER_MINUTE="3"):
        answers = [
            send("GET", "/v1/health", ip="198.51.100.1", headers={SPOOFED[n % 6]: f"10.0.0.{n}"})
            for n in range(8)
        ]
        assert [answer.status for answer in answers] == [200] * 3 + [429] * 5
        assert (answers[-1].code, answers[-1].headers["retry-after"]) == ("rate_limited", "20")
        assert send("GET", "/v1/health", ip="198.51.100.2").status == 200
        shop.clock.advance(seconds=20)
        assert send("GET", "/v1/health", ip="198.51.100.1").status == 200


@pytest.mark.ledger("S1-003")
def test_a_person_has_their_limit_wherever_they_call_from(shop: Shop) -> None:
    lin, wei = shop.customer(), shop.customer()
    with configured(SOUK_USER_REQUESTS_PER_MINUTE="3"):
        answers = [lin.get("/v1/me", ip=f"198.51.100.{n}") for n in range(5)]
        assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
        assert answers[-1].headers["retry-after"] == "20"
        assert wei.get("/v1/me").status == 200


def test_a_limit_in_the_process_costs_no_store_call(shop: Shop) -> None:
    lin = shop.customer()
    with configured(SOUK_USER_REQUESTS_PER_MINUTE="1"):
        lin.get("/v1/me")
        with store_calls() as calls:
            assert lin.get("/v1/me").status == 429
    assert calls == []


@pytest.mark.ledger("S1-003")
def test_a_route_has_its_limit(shop: Shop) -> None:
    """Registering: 20 at once from one address, then one every thirty seconds."""

    def register(n: int, ip: str = "198.51.100.1") -> int:
        body = {"username": f"lin{n:03d}", "password": "correct horse battery"}
        headers = {"x-forwarded-for": f"192.0.2.{n}"}
        return send("POST", "/v1/auth/register", body, ip=ip, headers=headers).status

    assert [register(n) for n in range(20)] == [201] * 20
    with nothing_changes():
        assert register(20) == 429
    assert register(21, ip="198.51.100.2") == 201
    shop.clock.advance(seconds=30)
    assert [register(22), register(23)] == [201, 429]


def test_orders_have_a_limit_for_each_person_that_costs_nothing(shop: Shop) -> None:
    lin, wei = shop.customer(), shop.customer()
    statuses = [lin.post("/v1/orders", {}).status for _ in range(121)]
    assert set(statuses[:120]) == {422}
    assert statuses[120] == 429
    assert wei.post("/v1/orders", {}).status == 422


@pytest.mark.parametrize(
    ("address", "subject"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("", "unknown"),
        ("not:an:address", "unknown"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::"),
    ],
)
def test_a_caller_is_an_address_or_the_line_it_belongs_to(address: str, subject: str) -> None:
    assert limits._network(address) == subject


def test_a_route_may_have_several_limits(clock: clocks.SetClock) -> None:
    room = Routes("several")

    @room.get(
        "/v1/several",
        permission=PUBLIC,
        rate_limit=[
            RateLimit(2, 1, shared=False),
            RateLimit(3, 60, per="user"),
            RateLimit(1, 60, per="guest"),
        ],
    )
    def several(ctx: Context) -> None:
        """Limited thrice."""

    (op,) = room.operations
    asked: list[tuple[str, str, int, int]] = []

    def shared(ctx: Context, what: str, subject: str, *, limit: int, window_seconds: int) -> None:
        asked.append((what, subject, limit, window_seconds))

    lin = Context(tenant="default", actor=Actor("customer", id="usr_1"), client_ip="192.0.2.1")
    with configured(SOUK_IP_LIMIT_FACTOR="10"):
        limits.check_caller(op, lin, shared)
        assert asked == [("several_several.1", "usr_1", 3, 60)]
        limits.check_caller(op, Context(tenant="default", client_ip="192.0.2.1"), shared)
    assert asked[1:] == [
        ("several_several.1", "192.0.2.1", 30, 60),
        ("several_several.2", "192.0.2.1", 10, 60),
    ]
    limits.forget()
    for _ in range(2):
        limits.check_caller(op, lin, shared)
    with pytest.raises(TooMany):
        limits.check_caller(op, lin, shared)


def test_where_all_callers_share_an_address_the_limits_are_wider(shop: Shop) -> None:
    with configured(SOUK_IP_REQUESTS_PER_MINUTE="1", SOUK_IP_LIMIT_FACTOR="4"):
        statuses = [send("GET", "/v1/health").status for _ in range(5)]
    assert statuses == [200] * 4 + [429]
