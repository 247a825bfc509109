"""Which shop a visitor comes to: by the name they say, else by the host they asked."""

import pytest

from chalicelib.tenants import hosts
from chalicelib.tenants import service as tenants
from tests.jobs import of_kind
from tests.platform.shops import config, customer_of, opened, patch
from tests.shop import Shop, send
from tests.unchanged import nothing_changes, store_calls


def shop_seen(**headers: str) -> str:
    return str(config({name.replace("_", "-"): value for name, value in headers.items()})["tenant"])


@pytest.fixture
def acme(shop: Shop) -> Shop:
    opened(shop, hosts=["acme.example.com", "www.acme.example.com"])
    return shop


@pytest.mark.parametrize(
    "host", ["acme.example.com", "ACME.Example.com", "acme.example.com:443", "acme.example.com."]
)
def test_a_bound_host_leads_to_its_shop_however_it_is_spelled(acme: Shop, host: str) -> None:
    assert shop_seen(host=host) == "acme"


@pytest.mark.parametrize(
    "host",
    [
        "",
        "other.example.com",
        "127.0.0.1:8000",
        "localhost",
        "[::1]:80",
        "acme.example.com#x",
        "é.com",
        "a" * 300,
    ],
)
def test_any_other_host_is_the_platforms_own(acme: Shop, host: str) -> None:
    assert shop_seen(host=host) == "default"


def test_the_name_wins_over_the_host(acme: Shop) -> None:
    assert shop_seen(host="acme.example.com", x_tenant="default") == "default"
    assert shop_seen(host="nowhere.example.com", x_tenant="acme") == "acme"
    assert shop_seen(host="acme.example.com", x_tenant="") == "acme"
    lost = send("GET", "/v1/config", headers={"host": "acme.example.com", "x-tenant": "nowhere"})
    assert (lost.status, lost.code) == (404, "tenant_unknown")


def test_a_token_wins_over_the_host(acme: Shop) -> None:
    lin = customer_of("acme")
    assert lin.get("/v1/config", headers={"host": "other.example.com"}).json["tenant"] == "acme"
    assert acme.customer().get("/v1/config", headers={"host": "acme.example.com"}).json["tenant"] == "default"


def test_one_registers_in_the_shop_of_the_host(acme: Shop) -> None:
    body = {"username": "lin", "password": "correct horse battery"}
    answer = send("POST", "/v1/auth/register", body, headers={"host": "acme.example.com"})
    assert answer.status == 201
    assert send("GET", "/v1/config", token=answer.json["access_token"]).json["tenant"] == "acme"


def test_a_host_belongs_to_one_shop(acme: Shop) -> None:
    opened(acme, "cups")
    with nothing_changes():
        answer = patch(acme, {"hosts": ["cups.example.com", "www.acme.example.com"]}, "cups")
    assert (answer.status, answer.code, answer.json["host"]) == (409, "host_taken", "www.acme.example.com")


def test_hosts_are_moved_by_taking_them_off_first(acme: Shop) -> None:
    opened(acme, "cups")
    assert patch(acme, {"hosts": ["www.acme.example.com", "www.acme.example.com"]}).json["hosts"] == [
        "www.acme.example.com"
    ]
    assert patch(acme, {"hosts": ["acme.example.com"]}, "cups").status == 200
    assert shop_seen(host="acme.example.com") == "cups"
    assert shop_seen(host="www.acme.example.com") == "acme"
    assert sorted(item["host"]["S"] for item in of_kind("host")) == [
        "acme.example.com",
        "www.acme.example.com",
    ]


def test_a_warm_process_asks_for_a_host_once_a_minute(acme: Shop) -> None:
    for host in ("acme.example.com", "stranger.example.com"):
        shop_seen(host=host)
        with store_calls() as calls:
            shop_seen(host=host)
            acme.clock.advance(seconds=30)
            shop_seen(host=host)
        assert calls == []
        acme.clock.advance(seconds=30)
        with store_calls() as calls:
            shop_seen(host=host)
        assert "GetItem" in calls


def test_another_process_learns_of_a_moved_host_within_a_minute(acme: Shop) -> None:
    assert shop_seen(host="acme.example.com") == "acme"
    remembered = dict(hosts._bound)
    patch(acme, {"hosts": []})
    hosts._bound.update(remembered)
    acme.clock.advance(seconds=59)
    assert shop_seen(host="acme.example.com") == "acme"
    acme.clock.advance(seconds=1)
    assert shop_seen(host="acme.example.com") == "default"


def test_made_up_hosts_fill_no_memory_and_push_out_no_shop(acme: Shop) -> None:
    shop_seen(host="acme.example.com")
    for n in range(hosts._MOST_STRANGERS + 5):
        assert hosts.shop_at(f"h{n}.example.com") == "default"
    assert len(hosts._strangers) <= hosts._MOST_STRANGERS
    with store_calls() as calls:
        assert hosts.shop_at("acme.example.com") == "acme"
    assert calls == []


def test_a_host_that_cannot_be_bound_costs_no_store_call(acme: Shop) -> None:
    tenants.find("default")
    with store_calls() as calls:
        for host in ("127.0.0.1:8000", "localhost:8000", "a#b.example.com", ""):
            assert shop_seen(host=host) == "default"
    assert calls == []
