"""What a local shop knows survives a restart, and a kill, and never comes back as news."""

import io
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from infra.local import template
from infra.local.journal import DataUnreadable, Journal
from infra.local.keep import Keeper
from tests.ops.local import Engine, item, wait_until

WIRE = some.recursive(
    some.one_of(
        some.builds(lambda text: {"S": text}, some.text()),
        some.builds(lambda number: {"N": str(number)}, some.integers()),
        some.builds(lambda data: {"B": data}, some.binary()),
        some.builds(lambda data: {"BS": data}, some.lists(some.binary(), min_size=1)),
        some.just({"NULL": True}),
    ),
    lambda inner: some.one_of(
        some.builds(lambda values: {"L": values}, some.lists(inner, max_size=3)),
        some.builds(
            lambda fields: {"M": fields},
            some.dictionaries(some.text() | some.just("$base64"), inner, max_size=3),
        ),
    ),
    max_leaves=6,
)


def held(folder: Path) -> list[dict[str, Any]]:
    return sorted(Journal(folder).load().values(), key=lambda each: each["pk"]["S"])


@given(value=WIRE)
def test_any_value_comes_back_as_it_was(
    value: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    journal = Journal(folder)
    journal.compact([item("a", value=value)])
    journal.append([(item("b"), item("b", value=value))])
    journal.close()
    assert held(folder) == [item("a", value=value), item("b", value=value)]


def test_changes_are_applied_in_order_on_top_of_the_snapshot(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.compact([item("kept"), item("removed"), item("changed", n={"N": "1"})])
    journal.append([(item("changed"), item("changed", n={"N": "2"})), (item("removed"), None)])
    journal.append([(item("added"), item("added")), (item("gone"), item("gone")), (item("gone"), None)])
    assert held(tmp_path) == [item("added"), item("changed", n={"N": "2"}), item("kept")]


def test_a_last_line_torn_anywhere_costs_only_itself(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.compact([])
    journal.append([(item("a"), item("a"))])
    whole = (tmp_path / "journal.jsonl").read_bytes()
    journal.append([(item("b"), item("b", text={"S": "名"}))])
    full = (tmp_path / "journal.jsonl").read_bytes()
    for end in range(len(whole), len(full) - 1):
        (tmp_path / "journal.jsonl").write_bytes(full[:end])
        assert held(tmp_path) == [item("a")], f"cut at byte {end}"
    (tmp_path / "journal.jsonl").write_bytes(full[:-1])
    assert held(tmp_path) == [item("a"), item("b", text={"S": "名"})]


def test_a_damaged_line_elsewhere_is_refused_and_named(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.compact([])
    journal.append([(item("a"), item("a")), (item("b"), item("b"))])
    lines = (tmp_path / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "journal.jsonl").write_bytes(lines[0] + b'{"put":\n' + lines[2])
    with pytest.raises(DataUnreadable, match=r"journal\.jsonl, line 2, is damaged"):
        Journal(tmp_path).load()


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b'{"souk":"snapshot","format":2,"generation":1}\n', "format 2, this version reads 1"),
        (b'{"a":1}\n', "is not Souk's"),
    ],
)
def test_a_file_of_another_kind_is_refused_and_left_alone(
    tmp_path: Path, header: bytes, message: str
) -> None:
    (tmp_path / "snapshot.jsonl").write_bytes(header)
    with pytest.raises(DataUnreadable, match=message):
        Journal(tmp_path).load()
    assert (tmp_path / "snapshot.jsonl").read_bytes() == header


def test_a_journal_older_than_its_snapshot_does_not_count(tmp_path: Path) -> None:
    """The process died between writing the new snapshot and beginning its journal."""
    journal = Journal(tmp_path)
    journal.compact([])
    journal.append([(item("a"), item("a", n={"N": "1"}))])
    old = (tmp_path / "journal.jsonl").read_bytes()
    journal.compact([item("a", n={"N": "2"})])
    (tmp_path / "journal.jsonl").write_bytes(old)
    assert held(tmp_path) == [item("a", n={"N": "2"})]


def test_a_snapshot_that_fails_half_way_leaves_the_old_one(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.compact([item("a")])

    def breaks_off() -> Any:
        yield item("b")
        raise ConnectionError("the emulator is gone")

    with pytest.raises(ConnectionError):
        journal.compact(breaks_off())
    assert held(tmp_path) == [item("a")]


def test_an_append_that_fails_half_way_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    class FullDisk(io.FileIO):
        is_full = False

        def write(self, data: Any) -> int:
            if self.is_full:
                raise OSError(28, "No space left on device")
            self.is_full = True
            return super().write(bytes(data)[:10])

    journal = Journal(tmp_path)
    journal.compact([])
    journal.append([(item("a"), item("a"))])
    before = (tmp_path / "journal.jsonl").read_bytes()
    journal.close()
    journal._file = FullDisk(tmp_path / "journal.jsonl", "a")
    with pytest.raises(OSError, match="No space"):
        journal.append([(item("b"), item("b"))])
    assert (tmp_path / "journal.jsonl").read_bytes() == before
    journal.close()
    journal.append([(item("b"), item("b"))])
    assert held(tmp_path) == [item("a"), item("b")]


def keeper(folder: Path, engine: Engine) -> Keeper:
    return Keeper(folder, engine.table, engine.dynamodb, engine.streams)


def another_table(engine: Engine) -> Engine:
    """An empty table under another name: the emulator after a restart."""
    name = f"{engine.table}-again"
    template.create_table(engine.dynamodb, name)
    return Engine(engine.dynamodb, engine.streams, name)


@pytest.mark.emulator
def test_after_a_normal_stop_everything_is_there_again(engine: Engine, tmp_path: Path) -> None:
    first = keeper(tmp_path, engine)
    assert first.restore() == 0
    first.start()
    for number in range(60):
        engine.put(f"{number:02d}", data={"B": os.urandom(8)}, words={"SS": ["a", "b"]}, none={"NULL": True})
    engine.delete("07")
    first.stop()

    again = another_table(engine)
    assert keeper(tmp_path, again).restore() == 59
    assert again.items() == engine.items()


@pytest.mark.emulator
def test_without_any_stop_the_journal_has_it(engine: Engine, tmp_path: Path) -> None:
    killed = keeper(tmp_path, engine)
    killed.restore()
    killed.start()
    engine.put("a", n={"N": "1"})
    engine.put("a", n={"N": "2"})
    engine.put("b")
    engine.delete("b")
    wait_until(
        lambda: (tmp_path / "journal.jsonl").read_bytes().count(b"\n") == 5, "four changes in the journal"
    )

    again = another_table(engine)
    assert keeper(tmp_path, again).restore() == 1
    assert again.items() == [item("a", n={"N": "2"})]
    killed.stop()


@pytest.mark.emulator
def test_what_is_restored_is_no_news_to_a_reader(engine: Engine, tmp_path: Path) -> None:
    Journal(tmp_path).compact([item(f"{number:03d}") for number in range(120)])
    assert keeper(tmp_path, engine).restore() == 120
    reader = engine.reader()
    assert reader.read() == []
    engine.put("new")
    assert [each["dynamodb"]["Keys"] for each in reader.read()] == [item("new")]


@pytest.mark.emulator
def test_stopping_before_the_restore_is_done_touches_no_file(engine: Engine, tmp_path: Path) -> None:
    Journal(tmp_path).compact([item("a")])
    before = (tmp_path / "snapshot.jsonl").read_bytes()
    keeper(tmp_path, engine).stop()
    assert (tmp_path / "snapshot.jsonl").read_bytes() == before


@pytest.mark.emulator
def test_a_full_disk_loses_nothing_once_there_is_room(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real, failures = Journal.append, [OSError(28, "No space left on device")] * 2

    def append(self: Journal, changes: Any) -> None:
        if failures:
            raise failures.pop()
        real(self, changes)

    monkeypatch.setattr(Journal, "append", append)
    kept = keeper(tmp_path, engine)
    kept.restore()
    kept.start()
    engine.put("a")
    wait_until(lambda: held(tmp_path) == [item("a")], "the change to be kept")
    assert caplog.text.count("changes cannot be kept at the moment") == 2
    kept.stop()
