"""What one test leaves behind no other finds, and a trial on a real stage leaves its name alone."""

import os
from typing import Any
from unittest.mock import patch

import botocore.session
import pytest

from chalicelib.core import clock as clocks
from chalicelib.core.settings import settings
from infra.local.emulator import Emulator
from infra.tools import tenant as tool
from tests.conftest import MORNING
from tests.jobs import every_item, stream
from tests.platform.shops import boss_of, customer_of, opened, suspend
from tests.shop import Shop, configured, send

TURNS = pytest.mark.parametrize("turn", [1, 2])
"""The same test twice: each begins where nothing was, and leaves what it can."""


def leaves_what_it_can(shop: Shop) -> None:
    shop.order(shop.customer("Lin"), shop.sku(title="Left behind"))
    shop.clock.advance(days=3)
    send("GET", "/v1/health/ready")


def finds_nothing(shop: Shop) -> None:
    assert clocks.current().now() == MORNING
    assert settings().pay_minutes == 30
    kinds = {item["kind"]["S"] for item in every_item()}
    assert kinds.isdisjoint({"product", "stock", "order", "notification", "event", "address_book"})


@pytest.mark.ledger("S2-055")
@TURNS
def test_a_test_on_moto_finds_nothing_of_another(shop: Shop, turn: int) -> None:
    finds_nothing(shop)
    leaves_what_it_can(shop)


@pytest.mark.ledger("S2-055")
@pytest.mark.emulator
@TURNS
def test_a_test_on_the_emulator_finds_nothing_of_another(live_shop: Shop, turn: int) -> None:
    finds_nothing(live_shop)
    leaves_what_it_can(live_shop)


@pytest.mark.ledger("S2-055")
def test_settings_of_a_block_end_with_it_also_when_it_fails() -> None:
    before = dict(os.environ)
    with pytest.raises(ZeroDivisionError), configured(SOUK_PAY_MINUTES="1", SOUK_TABLE="another"):
        assert settings().pay_minutes == 1
        _ = 1 / 0
    assert dict(os.environ) == before
    assert settings().pay_minutes == 30


@pytest.mark.ledger("S2-055")
@pytest.mark.emulator
def test_an_emulator_leaves_neither_a_process_nor_a_folder() -> None:
    with Emulator() as emulator:
        folder, process = emulator._folder, emulator._process
        assert process is not None
    assert process.poll() is not None
    assert not os.path.exists(str(folder))


@pytest.mark.ledger("S2-055")
def test_no_test_can_reach_an_account() -> None:
    """Neither by a profile of the developer's nor by their keys."""
    credentials = botocore.session.get_session().get_credentials()
    assert credentials is not None
    assert credentials.access_key in ("test", "FOOBARKEY"), "ours, or what moto puts in its place"
    assert not {"AWS_PROFILE", "AWS_ENDPOINT_URL"} & os.environ.keys()


@pytest.mark.ledger("S2-055")
def test_a_trial_on_a_stage_leaves_its_slug_and_nothing_else(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.order(shop.customer("Wu"), shop.sku())
    stream()
    before = others()
    opened(shop, "trial-7", hosts=["trial-7.example.com"])
    there = Shop(shop.clock)
    there._admin = boss_of("trial-7")
    there.order(customer_of("trial-7"), there.sku())
    stream()
    assert suspend(shop, "trial-7").status == 200
    shop.clock.advance(minutes=2)
    command = ["delete", "trial-7", "--yes-really", "trial-7"]
    with patch.object(tool, "segments", 1):
        assert tool.main(command) == 1
        assert "Waiting for a job" in capsys.readouterr().err
        assert tool.main([*command, "--abandon"]) == 0
    assert [item for item in every_item() if item["pk"]["S"].startswith("trial-7#")] == []
    assert [item for item in others() if item not in before] == [row_of("trial-7")]
    assert [item for item in before if item not in others()] == []


def others() -> list[dict[str, Any]]:
    """Every other shop's items, but for who signed in and what the platform's owner did."""
    kept = ("audit_entry", "chain_link", "chain_head", "idempotency", "rate", "session", "sign_in", "user")
    return [
        item
        for item in every_item()
        if not item["pk"]["S"].startswith("trial-7#") and item["kind"]["S"] not in kept
    ]


def row_of(slug: str) -> dict[str, Any]:
    (row,) = [
        item for item in every_item() if (item["pk"]["S"], item["sk"]["S"]) == ("default#TENANTS", slug)
    ]
    assert row["status"]["S"] == "deleted"
    return row
