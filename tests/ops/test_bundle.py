"""The zip as it ships, from a small archive of the same shape."""

import importlib.util
import re
import sys
import zipfile
from pathlib import Path

import pytest

from infra.package import bundle
from infra.package.chalice_step import ROOT

KEPT = (
    "app.py",
    "botocore/data/dynamodb/2012-08-10/service-2.json.gz",
    "botocore/data/endpoints.json",
    "jwt/api.py",
)
DROPPED = (
    "botocore/data/ec2/2016-11-15/service-2.json.gz",
    "botocore/data/dynamodb/2012-08-10/waiters-2.json",
    "botocore/data/s3/2006-03-01/examples-1.json",
    "cffi/_cffi_include.h",
    "pydantic/v1/main.py",
    "pynamodb/models.pyi",
    "jwt/__pycache__/gone.cpython-311.pyc",
    "jwt-2.15.1.dist-info/RECORD",
)


def archive(folder: Path, files: dict[str, str]) -> Path:
    path = folder / "given.zip"
    with zipfile.ZipFile(path, "w") as given:
        for name, text in files.items():
            given.writestr(name, text)
    return path


@pytest.fixture
def made(tmp_path: Path) -> bundle.Bundle:
    given = archive(tmp_path, dict.fromkeys([*KEPT, *DROPPED], "x = 1\n"))
    return bundle.slim(given, tmp_path / "work", tmp_path / "souk.zip")


def test_what_no_function_reads_is_left_out(made: bundle.Bundle) -> None:
    with zipfile.ZipFile(made.path) as shipped:
        names = set(shipped.namelist())

    assert names.issuperset(KEPT)
    assert names.isdisjoint(DROPPED)


def test_every_module_is_compiled_for_good(made: bundle.Bundle) -> None:
    with zipfile.ZipFile(made.path) as shipped:
        compiled = shipped.read("jwt/__pycache__/api.cpython-{}{}.pyc".format(*sys.version_info[:2]))

    assert compiled[:4] == importlib.util.MAGIC_NUMBER
    assert compiled[4:8] == b"\x01\x00\x00\x00", "by a hash that nobody checks: the zip's dates are none"
    assert b"/var/task/jwt/api.py" in compiled


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    given = archive(tmp_path, dict.fromkeys(KEPT, "x = 1\n"))
    first = bundle.slim(given, tmp_path / "one", tmp_path / "one.zip")
    second = bundle.slim(given, tmp_path / "two", tmp_path / "two.zip")

    assert first.sha256 == second.sha256


def test_a_file_that_cannot_be_compiled_is_no_bundle(tmp_path: Path) -> None:
    given = archive(tmp_path, {"app.py": "def (:\n"})

    with pytest.raises(ValueError, match="cannot be compiled"):
        bundle.slim(given, tmp_path / "work", tmp_path / "souk.zip")


def test_the_bundle_describes_every_service_that_the_code_makes_a_client_of() -> None:
    asked = set()
    for path in (ROOT / "chalicelib").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        asked |= set(re.findall(r'create_client\(\s*"([a-z0-9-]+)"', source))
        asked |= set(re.findall(r'_asked\("([a-z0-9-]+)"', source))

    assert {"dynamodb", "sns", "sesv2", "ssm", "secretsmanager"} <= asked
    assert asked <= set(bundle.AWS_SERVICES)
