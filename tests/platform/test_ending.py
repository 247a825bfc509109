"""A shop deleted for good: all of it, once, and nothing of anybody else's."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from chalicelib.media import storage
from chalicelib.platform import ending
from chalicelib.store import client, get
from chalicelib.tenants import service as tenants
from chalicelib.tenants.entities import Tenant, TenantRow, tenant_row_ref
from infra.tools import tenant as tool
from infra.verify import __main__ as verify
from tests.faults import answering
from tests.jobs import every_item, of_kind, stream, tick
from tests.media.sending import sent, uploaded
from tests.payments.test_paying import forged, webhook
from tests.platform.shops import URL, Acme, reopen, slugs, suspend, wish
from tests.platform.whole_range import of_tenant, pages_of, suspended_for_good
from tests.shop import Shop, send
from tests.unchanged import nothing_changes

REALLY = ["delete", "acme", "--yes-really", "acme"]


def others(slug: str) -> list[str]:
    """Everything that is neither the shop's nor says that it is going."""
    said = {("default#TENANTS", slug), ("default#HOST#acme.example.com", "HOST")}
    return sorted(
        str(item)
        for item in every_item()
        if not item["pk"]["S"].startswith(f"{slug}#") and (item["pk"]["S"], item["sk"]["S"]) not in said
    )


@pytest.mark.ledger("S4-195")
def test_a_deleted_shop_is_gone_and_its_slug_stays_reserved(shop: Shop, acme: Acme) -> None:
    suspended_for_good(shop)
    before = others("acme")
    assert tool.main(REALLY) == 0
    assert (of_tenant("acme"), others("acme")) == ([], before)
    row = get(TenantRow, tenant_row_ref("acme"))
    assert row is not None
    assert (row.status, row.deleted_at) == ("deleted", shop.clock.now())
    assert [item for item in of_kind("host") if item["slug"]["S"] == "acme"] == []
    taken = shop.admin.post(URL, wish())
    assert (taken.status, taken.code) == (409, "slug_taken")
    assert tenants.find("acme-2") == "acme-2"
    assert shop.admin.get(f"{URL}/acme").status == 404
    assert slugs(shop.admin.get(f"{URL}?status=deleted")) == ["acme"]
    assert send("GET", "/v1/config", headers={"x-tenant": "acme"}).status == 404
    assert verify.main([]) == 0
    with pytest.raises(tenants.TenantUnknown):
        tenants.ensure("acme", "Reborn")


def test_files_go_with_their_shop_and_with_no_other(shop: Shop, acme: Acme) -> None:
    theirs, ours = uploaded(acme.lin)["id"], uploaded(shop.customer())["id"]
    sent(acme.boss, "product_image")
    suspended_for_good(shop)
    assert tool.main([*REALLY, "--abandon"]) == 0
    assert [key for place in storage.PLACES for key in storage._some_keys(f"{place}/acme/")] == []
    assert storage.look(f"public/acme/{theirs}") is None
    assert storage.look(f"public/default/{ours}") is not None


def test_files_that_s3_keeps_are_told_and_the_same_command_goes_on(
    shop: Shop, acme: Acme, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It answers 200 and names them: whoever only looks whether they are still there asks for ever."""
    theirs = uploaded(acme.lin)["id"]
    suspended_for_good(shop)
    asked: list[Any] = []

    def kept(**how: Any) -> dict[str, Any]:
        asked.append(how)
        assert len(asked) == 1, "it does not end"
        return {"Errors": [{"Key": one["Key"], "Code": "AccessDenied"} for one in how["Delete"]["Objects"]]}

    with monkeypatch.context() as patching:
        patching.setattr(storage._client(), "delete_objects", kept)
        assert tool.main([*REALLY, "--abandon"]) == 1
    assert "Run it again" in capsys.readouterr().err
    assert storage.look(f"public/acme/{theirs}") is not None
    assert tool.main(REALLY) == 0
    assert storage.look(f"public/acme/{theirs}") is None


def test_a_freed_host_may_be_anothers(shop: Shop, acme: Acme) -> None:
    suspended_for_good(shop)
    assert tool.main(REALLY) == 0
    assert shop.admin.patch(f"{URL}/acme-2", {"hosts": ["acme.example.com"]}).status == 200


def test_deleting_again_deletes_what_came_late(shop: Shop, acme: Acme) -> None:
    """A provider's callback for a shop that is gone is acknowledged and kept; a second run removes it."""
    suspended_for_good(shop)
    late = forged(acme.payment, tenant="acme")
    assert tool.main(REALLY) == 0
    assert webhook(late).status == 200
    assert {item["kind"]["S"] for item in of_tenant("acme")} == {"parked_callback", "event"}
    assert tool.main(REALLY) == 0
    assert of_tenant("acme") == []


@pytest.mark.parametrize("killed_at_call", range(1, 14))
def test_killed_anywhere_the_same_command_ends_it(shop: Shop, acme: Acme, killed_at_call: int) -> None:
    suspended_for_good(shop)
    before = others("acme")
    with pages_of(40):
        with killed(killed_at_call):
            tool.main(REALLY)
        assert others("acme") == before
        if killed_at_call > 8:
            refused = reopen(shop)
            assert refused.status in (404, 409), "nothing leads back"
        assert tool.main(REALLY) == 0
    assert (of_tenant("acme"), others("acme")) == ([], before)
    assert of_kind("tenant_row")[0]["status"]["S"] in ("deleted", "active")


@contextmanager
def killed(at_call: int) -> Iterator[None]:
    """The process ends after its n-th store call; a run that needs fewer ends by itself."""
    seen: list[str] = []

    def count(model: Any, **_: Any) -> None:
        seen.append(model.name)
        if len(seen) == at_call:
            raise KeyboardInterrupt

    events = client.client().meta.events
    events.register("after-call.dynamodb", count)
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        events.unregister("after-call.dynamodb", count)


def refused(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    with nothing_changes():
        assert tool.main([*command]) == 1
    return capsys.readouterr().err


def test_only_a_shop_that_was_suspended_a_while_ago_is_deleted(
    shop: Shop, acme: Acme, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "suspend it first" in refused(capsys, *REALLY)
    suspend(shop)
    assert "try again in 121 seconds" in refused(capsys, *REALLY)
    shop.clock.advance(seconds=119)
    assert "try again in 2 seconds" in refused(capsys, *REALLY)
    assert "no shop 'nowhere'" in refused(capsys, "delete", "nowhere", "--yes-really", "nowhere")
    assert "no shop 'A#B'" in refused(capsys, "delete", "A#B", "--yes-really", "A#B")


def test_the_platforms_own_shop_is_never_deleted(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.customer()
    assert "cannot be deleted" in refused(capsys, "delete", "default", "--yes-really", "default")


@pytest.mark.parametrize(
    "command", [["delete", "acme"], ["delete", "acme", "--yes-really", "acme-2"], [], ["drop", "acme"]]
)
def test_a_slip_of_the_hand_deletes_nothing(shop: Shop, acme: Acme, command: list[str]) -> None:
    suspended_for_good(shop)
    with nothing_changes(), pytest.raises(SystemExit) as ended:
        tool.main(command)
    assert ended.value.code == 2


@pytest.mark.rule("B5")
def test_a_shop_with_unfinished_business_is_not_deleted_by_accident(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    acme = Acme(shop)
    suspended_for_good(shop)
    said = refused(capsys, *REALLY)
    assert "1 of order_timeout" in said
    assert "1 of stock_release" in said
    shop.clock.advance(minutes=31)
    tick()
    stream()
    assert acme.status() == "cancelled"
    assert tool.main(REALLY) == 0
    assert of_tenant("acme") == []


def test_unfinished_business_can_be_given_up(shop: Shop) -> None:
    Acme(shop)
    suspended_for_good(shop)
    assert tool.main([*REALLY, "--abandon"]) == 0
    assert of_tenant("acme") == []


def test_a_shop_opened_again_in_between_is_not_deleted(
    shop: Shop, acme: Acme, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    suspended_for_good(shop)
    look = ending.check

    def slowly(slug: str) -> Tenant | None:
        found = look(slug)
        monkeypatch.setattr(ending, "check", look)
        reopen(shop)
        return found

    monkeypatch.setattr(tool, "_refuse_unfinished", lambda slug: monkeypatch.setattr(ending, "check", slowly))
    assert tool.main(REALLY) == 1
    assert "Run it again" in capsys.readouterr().err
    assert tenants.find("acme") == "acme"


def test_a_shop_being_deleted_can_be_neither_opened_nor_changed(shop: Shop, acme: Acme) -> None:
    suspended_for_good(shop)
    assert ending.begin("acme")
    assert not ending.begin("acme")
    token = shop.admin.token
    with nothing_changes():
        for method, path, body in (
            ("POST", "/reopen", {"reason": "x"}),
            ("POST", "/suspend", {"reason": "x"}),
            ("PATCH", "", {"name": "x"}),
        ):
            answer = send(method, f"{URL}/acme{path}", body, token=token)
            assert (answer.status, answer.code) == (409, "tenant_state")
    assert shop.admin.get(f"{URL}/acme").json["status"] == "deleting"


def test_without_a_table_or_a_shop_it_says_how_to_start_one(
    table: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with patch.dict(os.environ, SOUK_TABLE="", SOUK_DATA=str(tmp_path)):
        assert tool.main(REALLY) == 1
    assert "make run" in capsys.readouterr().err


def test_a_table_that_does_not_answer_is_told(
    shop: Shop, acme: Acme, capsys: pytest.CaptureFixture[str]
) -> None:
    suspended_for_good(shop)
    with answering("Scan", "AccessDeniedException", times=1):
        assert tool.main(REALLY) == 1
    assert "AccessDenied" in capsys.readouterr().err
