"""A shop as one key range: exported to a file, deleted for good, and nothing of anybody else's touched."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from chalicelib.platform import ending
from chalicelib.store import Ref, client, get, ranges
from chalicelib.tenants import service as tenants
from chalicelib.tenants.entities import Tenant, TenantRow, tenant_ref, tenant_row_ref
from infra.tools import tenant as tool
from infra.tools.tenant_file import Export
from infra.verify import __main__ as verify
from tests.faults import answering
from tests.jobs import every_item, of_kind, stream, tick
from tests.payments.test_paying import forged, webhook
from tests.platform.shops import URL, Acme, opened, reopen, slugs, suspend, wish
from tests.shop import Shop, send
from tests.unchanged import nothing_changes

REALLY = ["delete", "acme", "--yes-really", "acme"]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto reads every segment whole."""
    monkeypatch.setattr(tool, "segments", 1)


@pytest.fixture
def acme(shop: Shop) -> Acme:
    """A shop in which everything has come to rest, beside one whose slug begins alike and one that goes on."""
    opened(shop, "acme-2")
    shop.sku()
    made = Acme(shop)
    assert webhook(forged(made.payment, tenant="acme")).status == 200
    shipped = {"carrier": "SF", "tracking_number": "1"}
    assert made.boss.post(f"/v1/admin/orders/{made.order}/shipments", shipped).status == 201
    assert made.lin.post(f"/v1/orders/{made.order}/confirm-receipt").status == 200
    stream()
    return made


def suspended_for_good(shop: Shop) -> None:
    assert suspend(shop).status == 200
    shop.clock.advance(minutes=2)


def of_tenant(slug: str) -> list[dict[str, Any]]:
    return [item for item in every_item() if item["pk"]["S"].startswith(f"{slug}#")]


def others(slug: str) -> list[str]:
    """Everything that is neither the shop's nor says that it is going."""
    said = {("default#TENANTS", slug), ("default#HOST#acme.example.com", "HOST")}
    return sorted(
        str(item)
        for item in every_item()
        if not item["pk"]["S"].startswith(f"{slug}#") and (item["pk"]["S"], item["sk"]["S"]) not in said
    )


@contextmanager
def pages_of(count: int) -> Iterator[None]:
    """As if a MB held that few items."""

    def limited(params: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**params, "Limit": count}

    events = client.client().meta.events
    events.register("provide-client-params.dynamodb.Scan", limited)
    try:
        yield
    finally:
        events.unregister("provide-client-params.dynamodb.Scan", limited)


def test_a_range_is_one_tenants_and_no_others(acme: Acme) -> None:
    whole = sorted(str(item) for item in of_tenant("acme"))
    with pages_of(7):
        pieces = list(ranges.read("acme"))
    assert sorted(str(item) for piece in pieces for item in piece.items) == whole
    assert sum(piece.looked_at for piece in pieces) == len(every_item())
    assert len(pieces) > 5
    assert list(ranges.read("acm"))[-1].items == []


def test_a_range_is_taken_up_where_a_piece_ended(acme: Acme) -> None:
    with pages_of(7):
        pieces = list(ranges.read("acme", only=("pk", "sk")))
        rest = list(ranges.read("acme", only=("pk", "sk"), after=pieces[3].after))
    assert [piece.items for piece in rest] == [piece.items for piece in pieces[4:]]
    assert {tuple(item) for piece in pieces for item in map(sorted, piece.items)} == {("pk", "sk")}


def test_what_a_batch_leaves_is_deleted_by_the_next(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def sparing(operation: str, **parameters: Any) -> dict[str, Any]:
        if operation == "BatchWriteItem" and not seen:
            (requests,) = parameters["RequestItems"].values()
            seen.append(len(requests))
            return {"UnprocessedItems": parameters["RequestItems"]}
        return client.call(operation, **parameters)

    monkeypatch.setattr(ranges, "call", sparing)
    refs = [Ref(item["pk"]["S"], item["sk"]["S"]) for item in of_tenant("acme")]
    assert ranges.delete([*refs, *refs[:3]]) == len(refs)
    assert (seen, of_tenant("acme")) == ([25], [])


def test_a_table_that_takes_nothing_for_long_is_told(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "_PATIENCE_SECONDS", -1.0)
    monkeypatch.setattr(ranges, "call", lambda _, **said: {"UnprocessedItems": said["RequestItems"]})
    with pytest.raises(Exception, match="unavailable"):
        ranges.delete([tenant_ref("acme")])


@pytest.mark.ledger("S4-195")
def test_an_export_is_what_verify_reads(
    shop: Shop, acme: Acme, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suspended_for_good(shop)
    path = tmp_path / "acme.jsonl"
    with nothing_changes():
        assert tool.main(["export", "acme", str(path)]) == 0
    lines = path.read_text(encoding="utf-8").splitlines()
    keys = sorted((item["pk"]["S"], item["sk"]["S"]) for item in of_tenant("acme"))
    assert sorted((one["Item"]["pk"]["S"], one["Item"]["sk"]["S"]) for one in map(json.loads, lines)) == keys
    assert verify.main(["--export", str(path)]) == 0
    assert "1 Order" in capsys.readouterr().out
    assert [each.name for each in tmp_path.iterdir()] == ["acme.jsonl"]
    assert path.stat().st_mode & 0o077 == 0


def test_an_export_that_was_stopped_goes_on_and_holds_everything_once(
    shop: Shop, acme: Acme, tmp_path: Path
) -> None:
    whole, again = tmp_path / "whole.jsonl", tmp_path / "again.jsonl"
    with pages_of(4):
        assert tool.main(["export", "acme", str(whole)]) == 0
        for stopped_after in (3, 2, 4):
            with stopping_after(stopped_after), pytest.raises(KeyboardInterrupt):
                tool.main(["export", "acme", str(again)])
            assert not again.exists()
            with (tmp_path / "again.jsonl.part0").open("a") as part:
                part.write('{"Item": {"pk": {"S": "half a li')
        assert tool.main(["export", "acme", str(again)]) == 0
    assert again.read_text() == whole.read_text()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["again.jsonl", "whole.jsonl"]


@contextmanager
def stopping_after(pages: int) -> Iterator[None]:
    """Ctrl-C after that many Scans."""
    seen: list[str] = []

    def count(**_: Any) -> None:
        seen.append("Scan")
        if len(seen) > pages:
            raise KeyboardInterrupt

    events = client.client().meta.events
    events.register("before-call.dynamodb.Scan", count)
    try:
        yield
    finally:
        events.unregister("before-call.dynamodb.Scan", count)


def test_a_part_that_the_disk_lost_begins_anew(shop: Shop, acme: Acme, tmp_path: Path) -> None:
    path = tmp_path / "acme.jsonl"
    with pages_of(4):
        with stopping_after(9), pytest.raises(KeyboardInterrupt):
            tool.main(["export", "acme", str(path)])
        os.truncate(tmp_path / "acme.jsonl.part0", 1)
        assert tool.main(["export", "acme", str(path)]) == 0
    assert len(path.read_text().splitlines()) == len(of_tenant("acme"))


def test_an_export_writes_over_nothing(
    shop: Shop, acme: Acme, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "acme.jsonl"
    path.write_text("mine")
    (tmp_path / "acme.jsonl.part1").write_text("left over")
    assert tool.main(["export", "acme", str(path)]) == 1
    assert "is there already" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["acme.jsonl"] or path.read_text() == "mine"


@pytest.mark.parametrize(
    ("state", "said"), [("{", "cannot be read"), ('{"tenant": "cups", "parts": []}', "another export")]
)
def test_a_state_that_is_not_this_exports_is_not_gone_on_with(
    shop: Shop, acme: Acme, tmp_path: Path, state: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "acme.jsonl.state").write_text(state)
    assert tool.main(["export", "acme", str(tmp_path / "acme.jsonl")]) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "acme.jsonl").exists()


def test_two_exports_to_one_file_do_not_mix(
    shop: Shop, acme: Acme, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "acme.jsonl"
    with Export(path, "acme", 1):
        assert tool.main(["export", "acme", str(path)]) == 1
    assert "under way" in capsys.readouterr().err


def test_an_open_shop_is_exported_with_a_warning(
    shop: Shop, acme: Acme, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tool.main(["export", "acme", str(tmp_path / "a.jsonl")]) == 0
    assert "acme is open" in capsys.readouterr().out
    assert tool.main(["export", "nowhere", str(tmp_path / "b.jsonl")]) == 1
    assert tool.main(["export", "No#Slug", str(tmp_path / "b.jsonl")]) == 1


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


@pytest.mark.emulator
def test_segments_side_by_side_hold_each_item_once(
    live_shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool, "segments", 4)
    Acme(live_shop)
    path = tmp_path / "acme.jsonl"
    assert tool.main(["export", "acme", str(path)]) == 0
    keys = [
        (one["Item"]["pk"]["S"], one["Item"]["sk"]["S"])
        for one in map(json.loads, path.read_text().splitlines())
    ]
    assert sorted(keys) == sorted((item["pk"]["S"], item["sk"]["S"]) for item in of_tenant("acme"))
    suspended_for_good(live_shop)
    assert tool.main([*REALLY, "--abandon"]) == 0
    assert of_tenant("acme") == []
