"""The code speaks of the product alone: nothing of the machine it was written on, nothing left for later."""

import re
from collections.abc import Iterator
from pathlib import Path

from infra.tools.code import ROOT

FOLDERS = ("chalicelib", "infra", "tests", "docs", ".ci", ".chalice")
SUFFIXES = {".py", ".md", ".txt", ".in", ".toml", ".yaml", ".yml", ".json", ".js", ".css", ".html", ".sh"}
NAMES = {"Makefile", ".gitignore", "run"}
HOSTS = {
    "127.0.0.1",
    "localhost",
    "example.com",
    "example.org",
    "example",
    "test",
    "spec.openapis.org",
    "api.weixin.qq.com",
    "json-schema.org",
}
"""Hosts that may stand in an address here. Whoever adds one has thought about it."""
FOREIGN_PATH = re.compile(r"(?<![\w.])/(?:home|root|work|workspace|Users|mnt|opt)/\w")
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b|\bbreak" + r"point\(\)|\bpdb\b")


def texts() -> Iterator[tuple[str, str]]:
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*"))]
    for path in [*paths, *sorted(ROOT.glob("*"))]:
        if _is_ours(path):
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def _is_ours(path: Path) -> bool:
    inside = path.relative_to(ROOT).parts
    return (
        path.is_file()
        and (path.suffix in SUFFIXES or path.name in NAMES)
        and path.name != "LICENSE"
        and not any(part in ("__pycache__", "deployments", "deployed") for part in inside)
        and inside[:3] != ("chalicelib", "http", "static")
    )


def hits(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_path_of_anybodys_machine() -> None:
    assert not hits(FOREIGN_PATH)


def test_nothing_is_left_for_later() -> None:
    assert not hits(UNFINISHED)


def test_every_address_is_of_a_known_host() -> None:
    address = re.compile(r"https?://([A-Za-z0-9-]+\.[A-Za-z0-9.-]+|[a-z]+)(?=[/:\s\"'`)>?#]|$)")
    strange = {
        f"{name}: {host}"
        for name, text in texts()
        for host in address.findall(text)
        if not any(host == known or host.endswith(f".{known}") for known in HOSTS)
    }
    assert not strange
