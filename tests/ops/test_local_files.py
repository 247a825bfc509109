"""The bucket of the local shop: as the template says, kept across restarts, open to everybody where it is public."""

import copy
import signal
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.local import clients, template
from infra.local.emulator import Emulator
from infra.local.public_files import Bucket, PublicFiles
from tests.ops.running import shop

NAME = "souk-test-bucket"


def test_a_bucket_is_what_the_template_says() -> None:
    with mock_aws():
        client: Any = boto3.client("s3")
        for _ in range(2):  # the second time it is there
            template.create_bucket(client, NAME)
        blocked = client.get_public_access_block(Bucket=NAME)["PublicAccessBlockConfiguration"]
        versions = client.get_bucket_versioning(Bucket=NAME)["Status"]
        (cors,) = client.get_bucket_cors(Bucket=NAME)["CORSRules"]
        rules = client.get_bucket_lifecycle_configuration(Bucket=NAME)["Rules"]
        sealed = client.get_bucket_encryption(Bucket=NAME)["ServerSideEncryptionConfiguration"]["Rules"]
        (owner,) = client.get_bucket_ownership_controls(Bucket=NAME)["OwnershipControls"]["Rules"]
    assert set(blocked.values()) == {True}
    assert (versions, owner["ObjectOwnership"]) == ("Enabled", "BucketOwnerEnforced")
    assert ("PUT" in cors["AllowedMethods"], cors["ExposeHeaders"]) == (True, ["ETag"])
    assert sealed[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    by_id = {rule["ID"]: rule for rule in rules}
    assert by_id["parts-nobody-joined"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert by_id["quarantine-is-short"]["Filter"] == {"Prefix": "quarantine/"}
    assert by_id["quarantine-is-short"]["Expiration"]["Days"] == 1
    assert template.load()["Resources"][template.BUCKET]["DeletionPolicy"] == "RetainExceptOnCreate"


@pytest.mark.parametrize("where", ["bucket", "rule"])
def test_what_cannot_be_translated_is_said(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    whole = copy.deepcopy(template.load())
    properties = whole["Resources"][template.BUCKET]["Properties"]
    (properties if where == "bucket" else properties["LifecycleConfiguration"]["Rules"][0])["Surprise"] = 1
    monkeypatch.setattr(template, "load", lambda: whole)
    with mock_aws(), pytest.raises(ValueError, match="create_bucket does not know"):
        template.create_bucket(boto3.client("s3"), NAME)


class Bucketful:
    """What the emulator would answer."""

    def get_object(self, **asked: Any) -> dict[str, Any]:
        raise AssertionError(f"asked for {asked}")


def ask(path: str, method: str = "GET") -> tuple[str, dict[str, str]]:
    told: list[Any] = []
    face = PublicFiles(lambda environ, start: [b"the shop"], Bucket(Bucketful(), NAME))
    face(
        {"PATH_INFO": path, "REQUEST_METHOD": method},
        lambda status, headers, *_: told.extend([status, dict(headers)]),  # type: ignore[arg-type]
    )
    return (told[0], told[1]) if told else ("passed on", {})


@pytest.mark.parametrize(
    "path",
    ["/files/private/default/x", "/files/quarantine/default/x", "/files/public/../private/x", "/files/"],
)
def test_only_what_is_public_is_seen(path: str) -> None:
    assert ask(path)[0] == "404 Not Found"


def test_files_are_read_and_nothing_else() -> None:
    assert ask("/files/public/default/x", "PUT")[0] == "405 Method Not Allowed"
    assert ask("/api/v1/health")[0] == "passed on"


@pytest.mark.emulator
def test_files_survive_a_kill_of_the_emulator(tmp_path: Path) -> None:
    with Emulator(folder=tmp_path / "emulator", files=tmp_path / "files") as emulator:
        client = clients.files(emulator.endpoint)
        template.create_bucket(client, NAME)
        client.put_object(Bucket=NAME, Key="private/default/x", Body=b"a book", ContentType="application/zip")
        client.put_object(Bucket=NAME, Key="private/default/y", Body=b"another")
        client.delete_object(Bucket=NAME, Key="private/default/y")
    with Emulator(folder=tmp_path / "emulator", files=tmp_path / "files") as emulator:
        client = clients.files(emulator.endpoint)
        template.create_bucket(client, NAME)
        found = client.get_object(Bucket=NAME, Key="private/default/x")
        assert (found["Body"].read(), found["ContentType"]) == (b"a book", "application/zip")
        assert [one["Key"] for one in client.list_objects_v2(Bucket=NAME)["Contents"]] == [
            "private/default/x"
        ]


@pytest.mark.emulator
def test_a_public_file_is_seen_at_the_shops_own_address_today_and_tomorrow(tmp_path: Path) -> None:
    def see(port: int, name: str = "cup") -> tuple[bytes, str | None, str | None]:
        url = f"http://127.0.0.1:{port}/files/public/default/{name}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.read(), answer.headers["Content-Type"], answer.headers["X-Content-Type-Options"]

    with shop(tmp_path) as running:
        running.ask("PUT", "/api/v1/pictures/cup")
        assert see(running.port) == (b"a picture", "image/png", "nosniff")
        with pytest.raises(urllib.error.HTTPError, match="404"):
            see(running.port, "bowl")
        running.end(signal.SIGKILL)
    with shop(tmp_path) as again:
        assert see(again.port)[0] == b"a picture"
