"""Backups of the table, restores beside the live one, and exports: the commands, on moto.

moto restores a backup as it was, and the present whatever time it is asked for: of a point in time these tests see the
call that is made, not what comes back.
"""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from chalicelib.core.clock import to_text
from chalicelib.store import backups, client, ranges
from chalicelib.store.client import table_name
from infra.backup import backup, cli, export, features, manifest, restore, tables
from infra.backup.rows import fold
from infra.verify import __main__ as verify
from tests.backup.states import Then, lose, of, rows, shut, spoil
from tests.faults import Killed, killed_at
from tests.jobs import every_item
from tests.platform.shops import Acme
from tests.shop import Shop
from tests.unchanged import nothing_changes

Capture = pytest.CaptureFixture[str]


def side(name: str = "side") -> str:
    return f"{table_name()}-{name}"


def content(table: str) -> str:
    return fold(row for piece in ranges.read(None, table=table) for row in piece.items)


def taken() -> backups.Backup:
    assert backup.main(["take"]) == 0
    return backups.every()[0]


@pytest.mark.ledger("S4-194", "S0-013")
def test_a_backup_restored_beside_the_live_table_is_as_deployed_and_proven(
    shop: Shop, acme: Acme, capsys: Capture
) -> None:
    made, then = taken(), fold(every_item())
    client.client().tag_resource(
        ResourceArn=features.describe(client.client(), table_name())["TableArn"],
        Tags=[{"Key": "team", "Value": "shop"}],
    )
    lose("order")
    with nothing_changes():
        assert restore.main(["backup", made.arn, side()]) == 0
    said = capsys.readouterr().out
    assert "All 11 checks hold." in said or "checks hold." in said
    assert "RPO" in said
    assert "RTO" in said
    assert content(side()) == then
    engine = boto3.client("dynamodb")
    assert features.lacking(engine, side()) == []
    told = features.describe(engine, side())
    assert features.tags(engine, told["TableArn"]) == {"team": "shop", features.MARK: to_text(made.made_at)}
    assert told["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"


def test_a_key_that_the_template_names_seals_the_restored_table_too(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = features.describe(boto3.client("dynamodb"), table_name())["SSEDescription"]["KMSMasterKeyArn"]
    asked = [
        one["SSESpecification"]
        for one in changes_of_a_restore(monkeypatch, side())
        if "SSESpecification" in one
    ]
    assert asked == [{"Enabled": True, "SSEType": "KMS"}]
    own = features.wanted() | {"SSESpecification": {"SSEEnabled": True, "KMSMasterKeyId": {"Ref": "Key"}}}
    monkeypatch.setattr(features, "wanted", lambda: own)
    asked = [
        one["SSESpecification"]
        for one in changes_of_a_restore(monkeypatch, side("own"))
        if "SSESpecification" in one
    ]
    assert asked == [{"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}]


def changes_of_a_restore(monkeypatch: pytest.MonkeyPatch, target: str) -> list[dict[str, Any]]:
    """What UpdateTable is asked for while a backup is restored."""
    made = calls(monkeypatch, "UpdateTable")
    assert restore.main(["backup", taken().arn, target]) == 0
    return made


def calls(monkeypatch: pytest.MonkeyPatch, operation: str) -> list[dict[str, Any]]:
    """The parameters of every call of an operation by the tools' own client, from now on."""
    made: list[dict[str, Any]] = []
    make = cli.client

    def watched(service: str) -> Any:
        engine = make(service)
        event = f"provide-client-params.dynamodb.{operation}"
        engine.meta.events.register(event, lambda params, **_: made.append(params))
        return engine

    monkeypatch.setattr(cli, "client", watched)
    return made


def test_what_a_restore_does_not_carry_is_missed(shop: Shop) -> None:
    made = taken()
    engine = boto3.client("dynamodb")
    engine.restore_table_from_backup(TargetTableName=side(), BackupArn=made.arn)
    assert features.lacking(engine, side()) == [
        "time to live", "point-in-time recovery", "stream", "deletion protection",
    ]  # fmt: skip


def test_a_table_that_is_lost_comes_back_from_a_backup(shop: Shop, acme: Acme, capsys: Capture) -> None:
    made, then = taken(), fold(every_item())
    engine = boto3.client("dynamodb")
    engine.update_table(TableName=table_name(), DeletionProtectionEnabled=False)
    engine.delete_table(TableName=table_name())
    assert backup.main(["list"]) == 0
    said = capsys.readouterr().out
    assert made.arn in said
    assert "is not there" in said
    assert restore.main(["backup", made.arn, side()]) == 0
    assert content(side()) == then
    assert features.lacking(engine, side()) == []


def test_damage_in_a_backup_is_told_by_its_restore(shop: Shop, acme: Acme, capsys: Capture) -> None:
    lose("order")
    made = taken()
    assert restore.main(["backup", made.arn, side()]) == 1
    assert "BROKEN" in capsys.readouterr().out


def test_a_restore_that_was_killed_goes_on_with_the_table_it_began(shop: Shop, acme: Acme) -> None:
    made = taken()
    for call in (1, 2):
        with pytest.raises(Killed), _killed_in_tools(f"before-call.dynamodb.{_STEPS[call]}"):
            restore.main(["backup", made.arn, side()])
    assert restore.main(["backup", made.arn, side()]) == 0
    assert features.lacking(boto3.client("dynamodb"), side()) == []


_STEPS = {1: "UpdateTimeToLive", 2: "TagResource"}


@contextmanager
def _killed_in_tools(event: str) -> Iterator[None]:
    """Kills the tools' own client, not the store's."""
    make = cli.client

    def doomed(service: str) -> Any:
        made = make(service)

        def kill(**_: Any) -> None:
            raise Killed

        made.meta.events.register(event, kill)
        return made

    cli.client = doomed
    try:
        yield
    finally:
        cli.client = make


def test_nothing_is_restored_over_a_table_that_was_not_restored(
    shop: Shop, acme: Acme, capsys: Capture
) -> None:
    made = taken()
    from infra.local.template import create_table

    create_table(boto3.client("dynamodb"), side("other"))
    with nothing_changes():
        assert restore.main(["backup", made.arn, table_name()]) == 1
        assert restore.main(["backup", made.arn, side("other")]) == 1
        assert restore.main(["backup", "arn:aws:none", side()]) == 1
    said = capsys.readouterr().err
    assert "is the live table" in said
    assert "is no restored table" in said
    assert "has no backup arn:aws:none" in said


def asked_for(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The calls to RestoreTableToPointInTime, with a window of a day and a half."""
    latest = datetime(2036, 3, 2, 1, 0, tzinfo=UTC)
    window = backups.Window(True, latest - timedelta(hours=36), latest, 35)
    monkeypatch.setattr(backups, "window", lambda table=None: window)
    return calls(monkeypatch, "RestoreTableToPointInTime")


def test_a_time_is_asked_for_to_the_second_and_only_where_it_can_be_had(
    shop: Shop, acme: Acme, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    made = asked_for(monkeypatch)
    assert restore.main(["time", "2036-03-01T12:00:00Z", side()]) == 0
    assert made[0] == {
        "SourceTableName": table_name(),
        "TargetTableName": side(),
        "BillingModeOverride": "PAY_PER_REQUEST",
        "RestoreDateTime": datetime(2036, 3, 1, 12, 0, tzinfo=UTC),
    }
    assert tables.state_of(boto3.client("dynamodb"), side()) == datetime(2036, 3, 1, 12, 0, tzinfo=UTC)
    assert restore.main(["time", "latest", side("latest")]) == 0
    assert made[1]["UseLatestRestorableTime"] is True
    assert restore.main(["time", "2036-02-01T12:00:00Z", side("early")]) == 1
    assert "from 2036-02-29T13:00:00.000Z to 2036-03-02T01:00:00.000Z" in capsys.readouterr().err
    assert len(made) == 2


def test_without_point_in_time_recovery_no_time_can_be_had(shop: Shop, capsys: Capture) -> None:
    client.client().update_continuous_backups(
        TableName=table_name(), PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    assert restore.main(["time", "latest", side()]) == 1
    assert "only its backups can be restored" in capsys.readouterr().err


def test_a_time_without_a_zone_is_not_guessed(shop: Shop) -> None:
    with pytest.raises(SystemExit):
        restore.main(["shop", "acme", "--from", "x", "--at", "2036-03-02T01:00:00"])


def test_only_a_restored_table_is_dropped(shop: Shop, acme: Acme, capsys: Capture) -> None:
    assert restore.main(["backup", taken().arn, side()]) == 0
    with nothing_changes():
        assert restore.main(["drop", table_name(), "--yes-really", table_name()]) == 1
        assert restore.main(["drop", "nowhere", "--yes-really", "nowhere"]) == 1
        with pytest.raises(SystemExit):
            restore.main(["drop", side(), "--yes-really", table_name()])
    assert restore.main(["drop", side(), "--yes-really", side()]) == 0
    assert side() not in boto3.client("dynamodb").list_tables()["TableNames"]


def made_at(days_ago: int, kind: str = "USER", status: str = "AVAILABLE") -> backups.Backup:
    at = datetime(2036, 3, 2, 1, 0, tzinfo=UTC) - timedelta(days=days_ago)
    return backups.Backup(f"arn:{days_ago}", f"b{days_ago}", kind, status, at, 1)


def test_old_backups_go_by_age_but_never_the_newest_and_never_a_plans(shop: Shop) -> None:
    found = [made_at(40), made_at(50), made_at(60, "AWS_BACKUP"), made_at(70)]
    assert [one.name for one in backup.outlived(found, 35)] == ["b70", "b50"]
    assert backup.outlived([made_at(40)], 35) == []
    assert [one.name for one in backup.outlived([made_at(1, status="CREATING"), made_at(40)], 35)] == []


@pytest.mark.ledger("S4-194")
def test_pruning_names_first_and_deletes_when_told(shop: Shop, capsys: Capture) -> None:
    first, second = taken(), taken()
    assert first.arn != second.arn
    assert backup.main(["prune", "--days", "-1"]) == 0
    assert len(backups.every()) == 2
    assert "would delete" in capsys.readouterr().out
    shop.clock.advance(days=2)
    assert backup.main(["prune", "--days", "1", "--go"]) == 0
    assert [one.arn for one in backups.every()] == [second.arn]
    assert backup.main(["prune", "--days", "1", "--go"]) == 0
    assert len(backups.every()) == 1


def test_backups_are_listed_and_described(shop: Shop, capsys: Capture) -> None:
    made = taken()
    assert backup.main(["list"]) == 0
    assert backup.main(["describe", made.arn]) == 0
    said = capsys.readouterr().out
    assert said.count(made.name) >= 2
    assert "any second from" in said


@pytest.mark.ledger("S0-040", "S4-011")
def test_an_export_is_what_verify_reads_and_fills_a_table_that_is_the_same(
    shop: Shop, acme: Acme, tmp_path: Path, capsys: Capture
) -> None:
    folder = tmp_path / "export"
    assert backup.main(["export", str(folder)]) == 0
    assert sorted(each.name for each in folder.iterdir()) == [export.DATA, manifest.NAME]
    assert (folder / export.DATA).stat().st_mode & 0o077 == 0
    told = manifest.read(folder)
    assert told.items == len(every_item())
    assert told.counts["order"] == 1
    assert verify.main(["--export", str(folder)]) == 0
    assert backup.main(["check", str(folder)]) == 0
    assert restore.main(["export", str(folder), side()]) == 0
    assert content(side()) == fold(every_item())
    assert restore.main(["export", str(folder), side()]) == 0
    assert backup.main(["export", str(folder)]) == 1
    assert "holds a finished backup" in capsys.readouterr().err


def test_an_export_that_was_killed_goes_on(shop: Shop, acme: Acme, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    with pytest.raises(Killed), killed_at(2, after=True):
        backup.main(["export", str(folder)])
    assert backup.main(["check", str(folder)]) == 1
    assert backup.main(["export", str(folder)]) == 0
    assert backup.main(["check", str(folder)]) == 0


def test_an_export_that_was_changed_is_not_restored(
    shop: Shop, acme: Acme, tmp_path: Path, capsys: Capture
) -> None:
    folder = tmp_path / "export"
    assert backup.main(["export", str(folder)]) == 0
    with gzip.open(folder / export.DATA, "at") as file:
        file.write("{}\n")
    with nothing_changes():
        assert backup.main(["check", str(folder)]) == 1
        assert restore.main(["export", str(folder), side()]) == 1
        assert restore.main(["shop", "acme", "--from", str(folder), "--go", "--yes-really", "acme"]) == 1
    assert capsys.readouterr().err.count("its bytes differ") == 3


def test_a_table_with_items_is_not_filled_from_an_export(shop: Shop, tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "export"
    assert backup.main(["export", str(folder)]) == 0
    with nothing_changes():
        assert restore.main(["export", str(folder), table_name()]) == 1
    assert "has items of its own" in capsys.readouterr().err


def test_one_shop_comes_back_from_an_export_too(shop: Shop, acme: Acme, tmp_path: Path) -> None:
    then = Then()
    folder = tmp_path / "export"
    assert backup.main(["export", str(folder)]) == 0
    with shut(shop):
        lose("product", "order")
        spoil("stock", sold={"N": "0"})
        assert restore.main(["shop", "acme", "--from", str(folder), "--go"]) == 0
    assert of("acme") == of("acme", then.rows)


def test_one_shops_own_export_brings_it_back_where_its_time_is_said(
    shop: Shop, acme: Acme, tmp_path: Path, capsys: Capture
) -> None:
    from infra.tools import tenant as tool

    then, path = Then(), tmp_path / "acme.jsonl"
    with shut(shop):
        assert tool.main(["export", "acme", str(path)]) == 0
        lose("product")
        assert restore.main(["shop", "acme", "--from", str(path), "--go"]) == 1
        assert "add --at TIME" in capsys.readouterr().err
        assert restore.main(["shop", "acme", "--from", str(path), "--at", to_text(then.at), "--go"]) == 0
    assert of("acme") == of("acme", then.rows)
    assert rows("product")


def test_dynamodbs_own_export_is_fetched_and_read(
    shop: Shop, acme: Acme, tmp_path: Path, capsys: Capture
) -> None:
    boto3.client("s3").create_bucket(Bucket=side("bucket"))
    assert backup.main(["export-s3", side("bucket"), "daily"]) == 0
    assert backup.main(["fetch", side("bucket"), "daily", str(tmp_path / "daily")]) == 0
    assert verify.main(["--export", str(tmp_path / "daily")]) == 0
    assert "1 Order," in capsys.readouterr().out
    assert backup.main(["fetch", side("bucket"), "nothing", str(tmp_path / "none")]) == 1


def test_a_file_of_dynamodbs_export_that_differs_from_its_manifest_is_told(tmp_path: Path) -> None:
    from infra.backup import s3
    from infra.backup.manifest import Damaged

    data = tmp_path / "AWSDynamoDB" / "01" / "data"
    data.mkdir(parents=True)
    with gzip.open(data / "a.json.gz", "wt") as file:
        file.write('{"Item": {"pk": {"S": "a"}}}\n')
    (data.parent / "manifest-summary.json").write_text('{"itemCount": 1}')
    good = {"itemCount": 1, "md5Checksum": s3.md5(data / "a.json.gz"), "dataFileS3Key": "x/01/data/a.json.gz"}
    listing = data.parent / "manifest-files.json"
    listing.write_text(json.dumps(good))
    assert s3.check(tmp_path) == 1
    for wrong, said in (({"md5Checksum": "no"}, "MD5"), ({"itemCount": 2}, "has 1 items")):
        listing.write_text(json.dumps(good | wrong))
        with pytest.raises(Damaged, match=said):
            s3.check(tmp_path)
    (data / "a.json.gz").unlink()
    with pytest.raises(Damaged, match="missing"):
        s3.check(tmp_path)
