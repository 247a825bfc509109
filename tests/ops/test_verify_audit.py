"""`make verify` on the audit log: whatever is done to it behind the shop's back, it finds."""

from typing import Any

import pytest

from chalicelib.store import Ref, client
from chalicelib.store.client import table_name
from infra.verify import __main__ as verify
from tests.jobs import of_kind, stream
from tests.shop import Shop

pytestmark = pytest.mark.ledger("S4-184")
Wire = dict[str, Any]


@pytest.fixture
def acted(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A shop whose staff did six things, all of them linked."""
    monkeypatch.setattr(verify, "pause_seconds", 0.0)
    for _ in range(3):
        shop.product()
        stream()
    return shop


def links() -> list[Wire]:
    return sorted(of_kind("chain_link"), key=lambda item: item["sk"]["S"])


def entries() -> dict[str, Wire]:
    return {item["entry_id"]["S"]: item for item in of_kind("audit_entry")}


def entry_of(link: Wire) -> Wire:
    return entries()[link["entry_id"]["S"]]


def put(item: Wire) -> None:
    client.client().put_item(TableName=table_name(), Item=item)


def take_out(item: Wire) -> None:
    client.client().delete_item(TableName=table_name(), Key=Ref(item["pk"]["S"], item["sk"]["S"]).wire())


def found(capsys: pytest.CaptureFixture[str]) -> str:
    assert verify.main([]) == 1
    return capsys.readouterr().out


def test_a_log_that_nobody_touched_holds(acted: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(links()) == 6
    assert verify.main([]) == 0
    assert "6 AuditEntry" in capsys.readouterr().out


def test_an_edited_entry_is_found(acted: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    entry = entry_of(links()[2])
    put({**entry, "actor_id": {"S": "usr_01KJPM2X00QZ5T8Y3W6V9B4C7D"}})
    assert f"entry {entry['entry_id']['S']} is not as it was when it was linked" in found(capsys)


def test_a_missing_entry_is_found(acted: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    entry = entry_of(links()[2])
    take_out(entry)
    assert f"entry {entry['entry_id']['S']} of link 3 is missing" in found(capsys)


def test_an_entry_taken_out_with_its_link_leaves_a_gap(
    acted: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    link = links()[2]
    take_out(entry_of(link))
    take_out(link)
    assert "links 3 to 3 are missing" in found(capsys)


def test_a_gap_closed_by_renumbering_is_found(acted: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    gone, after = links()[2:4]
    take_out(entry_of(gone))
    moved = entry_of(after)
    put({**gone, "entry_id": after["entry_id"], "entry_digest": after["entry_digest"]})
    put({**moved, "seq": gone["seq"]})
    take_out(after)
    shown = found(capsys)
    assert "links 4 to 4 are missing" in shown


def test_the_last_entry_cut_off_is_found(acted: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    last = links()[-1]
    take_out(entry_of(last))
    take_out(last)
    assert "the chain ends at 5, its head says 6" in found(capsys)


def test_two_entries_that_changed_places_are_found(acted: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = links()[1:3]
    for link, says in ((one, other), (other, one)):
        put({**link, "entry_id": says["entry_id"], "entry_digest": says["entry_digest"]})
        put({**entry_of(says), "seq": link["seq"]})
    assert "link 3 does not follow link 2 as it stands" in found(capsys)


def test_an_act_kept_from_the_chain_is_found(acted: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    acted.product()
    assert verify.main([]) == 0  # the stream has some minutes
    acted.clock.advance(minutes=11)
    capsys.readouterr()
    assert "was never linked" in found(capsys)


def test_an_entry_that_only_says_it_is_linked_is_found(
    acted: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    acted.product()
    waiting = next(item for item in of_kind("audit_entry") if "seq" not in item)
    put({**waiting, "seq": {"N": "7"}})
    assert "was never linked" in found(capsys)


def test_a_lost_head_is_found(acted: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    take_out(of_kind("chain_head")[0])
    assert "the chain has lost its head" in found(capsys)
