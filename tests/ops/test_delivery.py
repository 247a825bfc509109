"""The delivery package: one command, the four folders, a manifest that holds."""

import hashlib
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from infra.tools import delivery


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return delivery.build(tmp_path_factory.mktemp("dist"))


def unpacked(archive: Path) -> dict[str, bytes]:
    found = {}
    with tarfile.open(archive) as tar:
        for entry in tar:
            content = tar.extractfile(entry)
            assert content is not None
            found[entry.name.partition("/")[2]] = content.read()
    return found


@pytest.mark.ledger("S2-062")
def test_one_command_builds_the_four_folders_with_a_manifest_of_every_file(archive: Path) -> None:
    files = unpacked(archive)
    manifest = json.loads(files.pop("MANIFEST.json"))

    assert {name.partition("/")[0] for name in files} == {"docs", "scripts", "configs", "tests"}
    assert manifest["sha256"] == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }
    for name in ("docs/README.md", "scripts/app.py", "configs/infra/resources.yaml", "tests/shop.py"):
        assert name in files


@pytest.mark.ledger("S2-062")
def test_the_checksum_beside_the_archive_holds(archive: Path) -> None:
    checksums = archive.with_name(archive.name.replace(".tar.gz", ".sha256"))

    checked = subprocess.run(
        ["sha256sum", "-c", checksums.name], cwd=archive.parent, capture_output=True, check=False
    )

    assert checked.returncode == 0


def test_what_is_not_committed_stays_out(archive: Path) -> None:
    names = set(unpacked(archive))

    assert not [name for name in names if "/.souk-data" in name or "/build/" in name or "__pycache__" in name]


def test_the_same_sources_give_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    assert delivery.build(tmp_path).read_bytes() == archive.read_bytes()


def test_the_scripts_run_where_they_are_unpacked(archive: Path, tmp_path: Path) -> None:
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()

    asked = subprocess.run(
        [sys.executable, "-m", "infra.deploy", "deploy", "--help"],
        cwd=folder / "scripts",
        capture_output=True,
        text=True,
        check=False,
    )

    assert asked.returncode == 0, asked.stderr
    assert "--stage {dev,test,staging,prod}" in asked.stdout
