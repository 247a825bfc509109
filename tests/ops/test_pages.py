"""What people are told in the pages for operators and developers is what the code does."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.core import settings
from infra.local import environment
from infra.local.expressions import Rate, Schedule
from infra.local.schedules import jobs_of
from infra.local.streams import consumers_of
from infra.tools import app, code
from tests.ops.test_local_environment import ENDPOINT

ROOT = code.ROOT
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
DEVELOPMENT = (ROOT / "docs" / "development.md").read_text(encoding="utf-8")
PAGES = [
    ROOT / name for name in ("README.md", "CONTRIBUTING.md", "docs/development.md", "docs/operations.md")
]
WHEN: dict[Schedule, str] = {Rate(1): "every minute", Rate(60): "every hour"}
LEVELS = {"info", "warning", "error"}


def log_calls(*names: str) -> Iterator[ast.Call]:
    for module in code.modules():
        if module.name != "chalicelib.core.log":
            yield from code.calls_of(module.tree, *names)


def section(title: str) -> str:
    return OPERATIONS.partition(f"## {title}\n")[2].partition("\n## ")[0]


def level_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)


def test_operators_are_told_of_every_log_event_and_of_no_other() -> None:
    logged = {
        (call.args[0].value, level_of(call))
        for call in log_calls(*LEVELS)
        if call.args and isinstance(call.args[0], ast.Constant)
    }
    assert logged == set(re.findall(r"^\| `(\w+)` \| (\w+) \|", section("Log events"), re.MULTILINE))


def test_operators_are_told_of_every_metric() -> None:
    measured = {keyword.arg for call in log_calls("metrics") for keyword in call.keywords}
    rows = re.findall(r"^\| (`.*?) \|", section("Metrics"), re.MULTILINE)
    assert measured == {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def test_operators_are_told_of_every_job_and_when_it_runs() -> None:
    shop = app.declared()
    every = {job.name: WHEN.get(job.schedule, str(job.schedule)) for job in jobs_of(shop)}
    every |= {consumer.name: "at each write" for consumer in consumers_of(shop)}
    assert every == dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section("Jobs"), re.MULTILINE))


def test_every_setting_is_told_with_its_default() -> None:
    read = settings.read(
        {
            "SOUK_STAGE": "x",
            "SOUK_TABLE": "x",
            "SOUK_JWT_KEYS": "x:" + "x" * 32,
            "SOUK_SECRET_KEYS": "x:" + "A" * 43,
        }
    )
    defaults = {
        "SOUK_SANDBOX": "`on`" if read.sandbox else "`off`",
        "SOUK_PAY_MINUTES": read.pay_minutes,
        "SOUK_CONFIRM_DAYS": read.confirm_days,
        "SOUK_SHIP_ALARM_HOURS": read.ship_alarm_hours,
        "SOUK_MOST_OPEN_ORDERS": read.most_open_orders,
        "SOUK_MOST_RESERVED_UNITS": read.most_reserved_units,
        "SOUK_IP_REQUESTS_PER_MINUTE": read.ip_requests_per_minute,
        "SOUK_USER_REQUESTS_PER_MINUTE": read.user_requests_per_minute,
        "SOUK_IP_LIMIT_FACTOR": read.ip_limit_factor,
        "SOUK_PASSWORD_MEMORY_KIB": read.password_memory_kib,
        "SOUK_LOG_LEVEL": f"`{read.log_level}`",
        "PORT": environment.DEFAULT_PORT,
    }
    for name, value in defaults.items():
        assert f"| `{name}` | {value} |" in DEVELOPMENT, name


def test_no_variable_is_kept_secret() -> None:
    sources = [*(ROOT / "chalicelib").rglob("*.py"), *(ROOT / "infra").rglob("*.py")]
    known = {
        name for path in sources for name in re.findall(r"\bSOUK_[A-Z_]+\b", path.read_text(encoding="utf-8"))
    }
    assert known - set(re.findall(r"\bSOUK_[A-Z_]+\b", DEVELOPMENT)) == set()


def test_what_the_local_run_fills_in_is_told(tmp_path: Path) -> None:
    env: dict[str, str] = {}
    environment.set_up(env, tmp_path, ENDPOINT)
    for name in ("SOUK_STAGE", "SOUK_TABLE", "SOUK_SANDBOX", "SOUK_IP_LIMIT_FACTOR", "SOUK_UPLOADS_BUCKET"):
        assert re.search(rf"^\| `{name}` \| [^|]+ \| `{env[name]}` \|", DEVELOPMENT, re.MULTILINE), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_and_path_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    told = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    targets = {one for line in told for one in line.split()}
    assert set(re.findall(r"\bmake ([a-z]+)(?=[`\s]*(?:`|#|$| ARGS))", text, re.MULTILINE)) <= targets
    paths = re.findall(r"`((?:chalicelib|infra|tests|docs)/[\w./-]+)`", text)
    assert [path for path in paths if not (ROOT / path).exists()] == []
