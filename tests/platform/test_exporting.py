"""A shop as one key range: read, and exported to a file that the proof reads."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from chalicelib.store import Ref, client, ranges
from chalicelib.tenants.entities import tenant_ref
from infra.tools import tenant as tool
from infra.tools.tenant_file import Export
from infra.verify import __main__ as verify
from tests.jobs import every_item
from tests.platform.shops import Acme
from tests.platform.whole_range import of_tenant, pages_of, suspended_for_good
from tests.shop import Shop
from tests.unchanged import nothing_changes


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
    assert tool.main(["delete", "acme", "--yes-really", "acme", "--abandon"]) == 0
    assert of_tenant("acme") == []
