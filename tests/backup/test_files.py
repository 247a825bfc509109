"""The files bucket and the configuration of a stage: copied, checked, put back."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.backup import backup, files, restore
from infra.backup.configuration import FILE

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def bucket(table: None) -> Iterator[str]:
    from chalicelib.store.client import table_name

    name = f"{table_name()}-files"
    boto3.client("s3").create_bucket(Bucket=name)
    yield name
    engine = boto3.client("s3")
    for page in engine.get_paginator("list_object_versions").paginate(Bucket=name):
        for one in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            engine.delete_object(Bucket=name, Key=one["Key"], VersionId=one["VersionId"])
    engine.delete_bucket(Bucket=name)


def put(bucket: str, key: str, content: bytes = b"picture") -> None:
    boto3.client("s3").put_object(
        Bucket=bucket, Key=key, Body=content, ContentType="image/png", Metadata={"by": "usr_1"}
    )


def content(bucket: str) -> dict[str, bytes]:
    engine = boto3.client("s3")
    found = engine.list_objects_v2(Bucket=bucket).get("Contents", [])
    return {one["Key"]: engine.get_object(Bucket=bucket, Key=one["Key"])["Body"].read() for one in found}


@pytest.mark.ledger("S0-040")
def test_files_that_are_lost_or_overwritten_come_back_with_their_type(bucket: str, tmp_path: Path) -> None:
    for key in ("acme/a.png", "acme/b.png", "corner/c.png"):
        put(bucket, key, key.encode())
    folder, before = tmp_path / "files", content(bucket)
    assert backup.main(["files", bucket, str(folder)]) == 0
    assert backup.main(["check", str(folder)]) == 0
    boto3.client("s3").delete_object(Bucket=bucket, Key="acme/a.png")
    put(bucket, "acme/b.png", b"broken")
    put(bucket, "acme/new.png", b"newer")
    damaged = content(bucket)
    assert restore.main(["files", str(folder), bucket]) == 0
    assert content(bucket) == damaged
    assert restore.main(["files", str(folder), bucket, "--go"]) == 0
    assert content(bucket) == before | {"acme/new.png": b"newer"}
    told = boto3.client("s3").head_object(Bucket=bucket, Key="acme/a.png")
    assert (told["ContentType"], told["Metadata"]) == ("image/png", {"by": "usr_1"})


def test_a_second_copy_brings_only_what_is_new(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bucket, "a.png", b"one")
    engine = boto3.client("s3")
    files.copy(engine, bucket, tmp_path)
    put(bucket, "b.png", b"two")
    brought: list[str] = []
    bring = files._bring

    def noted(s3: Any, name: str, key: str, folder: Path) -> dict[str, Any]:
        brought.append(key)
        return bring(s3, name, key, folder)

    monkeypatch.setattr(files, "_bring", noted)
    assert files.copy(engine, bucket, tmp_path).counts == {"objects": 2, "bytes": 6}
    assert brought == ["b.png"]


def test_a_copy_that_was_killed_goes_on(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        put(bucket, f"{number}.png", str(number).encode())
    engine, bring, brought = boto3.client("s3"), files._bring, list[str]()

    def killed(s3: Any, name: str, key: str, folder: Path) -> dict[str, Any]:
        if key == "2.png" and len(brought) == 2:
            raise KeyboardInterrupt
        brought.append(key)
        return bring(s3, name, key, folder)

    monkeypatch.setattr(files, "_bring", killed)
    with pytest.raises(KeyboardInterrupt):
        files.copy(engine, bucket, tmp_path)
    assert not (tmp_path / "manifest.json").exists()
    brought.append("killed")
    assert files.copy(engine, bucket, tmp_path).counts["objects"] == 3
    assert brought == ["0.png", "1.png", "killed", "2.png"]


def test_a_copy_whose_content_changed_is_not_put_back(bucket: str, tmp_path: Path, capsys: Capture) -> None:
    put(bucket, "a.png", b"one")
    assert backup.main(["files", bucket, str(tmp_path)]) == 0
    (stored,) = (tmp_path / "content").iterdir()
    stored.write_bytes(b"two")
    assert restore.main(["files", str(tmp_path), bucket, "--go"]) == 1
    assert "its bytes differ" in capsys.readouterr().err
    assert content(bucket) == {"a.png": b"one"}


def test_a_versioned_bucket_is_undeleted_to_a_time(bucket: str, capsys: Capture) -> None:
    engine = boto3.client("s3")
    engine.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    put(bucket, "a.png", b"good")
    put(bucket, "b.png", b"good")
    put(bucket, "c.png", b"same")
    then = _ages(bucket, hours=2)
    engine.delete_object(Bucket=bucket, Key="a.png")
    put(bucket, "b.png", b"bad")
    put(bucket, "d.png", b"newer")
    assert restore.main(["versions", bucket, then.isoformat()]) == 0
    assert "a.png" not in content(bucket)
    assert restore.main(["versions", bucket, then.isoformat(), "--go"]) == 0
    assert "1 deleted since, 1 replaced since" in capsys.readouterr().out
    whole = {"a.png": b"good", "b.png": b"good", "c.png": b"same", "d.png": b"newer"}
    assert content(bucket) == whole
    assert restore.main(["versions", bucket, then.isoformat(), "--go"]) == 0
    assert "0 deleted since, 0 replaced since" in capsys.readouterr().out
    assert content(bucket) == whole


def _ages(bucket: str, hours: int) -> datetime:
    """What is in the bucket becomes that old; answers a time after it."""
    from moto.s3.models import s3_backends

    for kept in s3_backends["123456789012"]["aws"].buckets[bucket].keys.values():
        kept.last_modified -= timedelta(hours=hours)
    return datetime.now(UTC) - timedelta(hours=1)


def test_a_bucket_without_versions_says_so(bucket: str, capsys: Capture) -> None:
    assert restore.main(["versions", bucket, "2036-01-01T00:00:00Z", "--go"]) == 1
    assert "keeps no versions" in capsys.readouterr().err


@pytest.mark.ledger("S0-040")
def test_configuration_is_kept_by_name_and_version_and_without_a_secret(
    table: None, tmp_path: Path, capsys: Capture
) -> None:
    ssm, secrets = boto3.client("ssm"), boto3.client("secretsmanager")
    ssm.put_parameter(Name="/souk/kept/jwt-keys", Value="k1:very-secret", Type="SecureString")
    ssm.put_parameter(Name="/souk/kept/jwt-keys", Value="k2:very-secret", Type="SecureString", Overwrite=True)
    ssm.put_parameter(Name="/souk/kept/mail-from", Value="plainly-said", Type="String")
    ssm.put_parameter(Name="/souk/other/jwt-keys", Value="x", Type="SecureString")
    secrets.create_secret(Name="souk/kept/stripe", SecretString="very-secret")
    body = {"Parameters": {"Stage": {"Type": "String"}}, "Resources": {"T": {"Type": "AWS::SNS::Topic"}}}
    boto3.client("cloudformation").create_stack(
        StackName="souk-kept",
        TemplateBody=json.dumps(body),
        Parameters=[{"ParameterKey": "Stage", "ParameterValue": "prod"}],
    )
    folder = tmp_path / "configuration"
    command = ["configuration", "souk/kept", str(folder), "--stack", "souk-kept"]
    assert backup.main(command) == 0
    text = (folder / FILE).read_text()
    told = json.loads(text)
    assert [(one["name"], one["version"], one["is_secret"]) for one in told["parameters"]] == [
        ("/souk/kept/jwt-keys", 2, True),
        ("/souk/kept/mail-from", 1, False),
    ]
    assert [one["name"] for one in told["secrets"]] == ["souk/kept/stripe"]
    assert told["stack"]["parameters"] == {"Stage": "prod"}
    assert "very-secret" not in text
    assert "plainly-said" not in text
    assert (folder / FILE).stat().st_mode & 0o077 == 0
    assert backup.main(["check", str(folder)]) == 0
    assert backup.main(command) == 1
    assert "is there already" in capsys.readouterr().err
