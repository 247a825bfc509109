"""The real shop as `make run` starts it, and `make demo` as a person sees it: walked, stopped, walked again."""

import io
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from infra.demo import __main__ as demo
from infra.demo.afterwards import leave_unpaid
from infra.demo.api import Answer, Api, Cost
from infra.demo.buying import Shelf
from infra.demo.caller import Caller, Surprise, Walk
from infra.demo.screen import Screen, wants_colour
from infra.local import environment, running
from infra.verify.checks import CHECKS
from tests.ops.running import emulator_processes, shop

SOUK = ("-m", "infra.local.run")
ORDER = re.compile(r"id=(ord_\w+).*status=pending_payment")


def tool(name: str, data: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """`make <name>` in another terminal."""
    return subprocess.run(
        [sys.executable, "-m", f"infra.{name}"],
        cwd=environment.ROOT,
        env={"PATH": os.environ["PATH"], "SOUK_DATA": str(data), **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module", autouse=True)
def _a_terminal_of_its_own() -> Iterator[None]:
    """What the tests set for themselves must not reach the shop that is started here."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("SOUK_", "AWS_"))]:
            patch.delenv(name)
        patch.setenv("SOUK_PASSWORD_MEMORY_KIB", "64")
        patch.delenv("NO_COLOR", raising=False)
        yield


class Walked:
    """A shop that was walked through, verified and stopped."""

    def __init__(self, data: Path) -> None:
        self.data = data
        with shop(data, SOUK) as self.run:
            self.mode = (data / running.FILE).stat().st_mode & 0o777
            self.walk = tool("demo", data)
            self.proof = tool("verify", data)
            self.refused = tool("demo", data, SOUK_ADMIN_PASSWORD="not the password")
            self.exit_code = self.run.end()

    @property
    def order_id(self) -> str:
        match = ORDER.search(self.walk.stdout)
        assert match is not None, self.walk.stdout + self.walk.stderr
        return match[1]


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Walked:
    return Walked(tmp_path_factory.mktemp("walked"))


@pytest.mark.emulator
@pytest.mark.rule("B6", "B8")
def test_the_walk_shows_a_shop_that_works(walked: Walked) -> None:
    assert walked.walk.returncode == 0, walked.walk.stdout + walked.walk.stderr
    assert re.search(r"^    One order, the same \d+ bytes twice\.$", walked.walk.stdout, re.MULTILINE)
    effects = re.findall(r"3 signed callbacks, one effect: (.*)", walked.walk.stdout)
    assert effects == ["place → start_payment → pay", "place → start_payment → pay → deliver_all"]
    assert walked.walk.stdout.count("card key  ") == 2
    assert "code=out_of_stock" in walked.walk.stdout
    assert "is on its way. SF, tracking number SF1000200030004." in walked.walk.stdout
    assert "In 30 min the shop cancels it by itself" in walked.walk.stdout
    assert "Everything as it should be." in walked.walk.stdout


@pytest.mark.emulator
def test_every_answer_is_shown_with_its_cost_and_no_password(walked: Walked) -> None:
    answers = re.findall(
        r"^    \d{3}  +(\d+) calls? +[\d.]+ RRU +[\d.]+ WRU", walked.walk.stdout, re.MULTILINE
    )
    assert len(answers) > 20
    assert all(int(calls) >= 1 for calls in answers)
    assert "souk-local-admin" not in walked.walk.stdout
    assert "\x1b" not in walked.walk.stdout


@pytest.mark.emulator
def test_what_the_walk_left_in_the_table_holds(walked: Walked) -> None:
    assert walked.proof.returncode == 0, walked.proof.stdout + walked.proof.stderr
    assert "Verifying the running shop's table souk-local" in walked.proof.stdout
    assert f"All {len(CHECKS)} checks hold." in walked.proof.stdout


@pytest.mark.emulator
def test_an_answer_that_should_not_be_ends_the_walk(walked: Walked) -> None:
    assert walked.refused.returncode == 1
    assert "POST /v1/auth/login answered 401, not 200" in walked.refused.stderr


@pytest.mark.emulator
def test_the_shop_says_where_it_is_only_to_its_user_and_only_while_it_runs(walked: Walked) -> None:
    assert walked.mode == 0o600
    assert walked.exit_code == 0
    assert not (walked.data / running.FILE).exists()
    assert emulator_processes(walked.data) == []
    after = tool("demo", walked.data, PORT=str(walked.run.port))
    assert after.returncode == 1
    assert f"nobody answers at http://127.0.0.1:{walked.run.port}" in after.stderr
    assert "make run" in after.stderr


def sell_out(port: int) -> Caller:
    """Take everything off the shelves; answers the clerk who did."""
    clerk = Caller(Walk(Api(port), Screen(io.StringIO(), has_colour=False)))
    login = {"login": environment.ADMIN_LOGIN, "password": environment.ADMIN_PASSWORD}
    clerk.token = clerk.ask("POST", "/v1/auth/login", login).json["access_token"]
    products = clerk.ask("GET", "/v1/products?kind=physical&limit=100").json["data"]
    sku_ids = [sku["id"] for product in products for sku in product["skus"]]
    for stock in clerk.ask("POST", "/v1/skus/stock", {"sku_ids": sku_ids}).json["data"]:
        less = {"delta": -stock["available"], "reason": "sold out"}
        path = f"/v1/admin/skus/{stock['sku_id']}/stock-adjustments"
        clerk.ask("POST", path, less, expect=201)
    return clerk


@pytest.mark.emulator
def test_after_a_restart_the_order_is_there_and_a_sold_out_shop_can_be_walked_again(walked: Walked) -> None:
    with shop(walked.data, SOUK) as again:
        clerk = sell_out(again.port)
        order = clerk.ask("GET", f"/v1/admin/orders/{walked.order_id}").json
        assert (order["status"], len(order["shipments"])) == ("completed", 1)
        walk = tool("demo", walked.data)
        assert walk.returncode == 0, walk.stdout + walk.stderr
        assert "The shelves are empty: the clerk fills one." in walk.stdout
        assert again.end() == 0
    assert emulator_processes(walked.data) == []


class _SomebodyElse(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Not to the terminal."""


def test_another_server_at_the_port_is_no_souk(capsys: pytest.CaptureFixture[str]) -> None:
    with HTTPServer(("127.0.0.1", 0), _SomebodyElse) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert demo.main({"PORT": str(server.server_port)}) == 1
        server.shutdown()
    assert "something answers at" in capsys.readouterr().err


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert wants_colour(_Terminal())
    assert not wants_colour(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour(_Terminal())


@dataclass(frozen=True)
class _Mumbling(Api):
    def send(self, method: str, path: str, body: Any = None, *, token: str = "", key: str = "") -> Answer:
        return Answer(200, '{"data":[]}', False, Cost())


def test_an_answer_of_another_shape_is_named() -> None:
    somebody = Caller(Walk(_Mumbling(1), Screen(io.StringIO(), has_colour=False)))
    with pytest.raises(Surprise, match=r"GET /v1/products answered without data\.0\.title: "):
        somebody.ask("GET", "/v1/products", show=["data.0.title"])


@dataclass(frozen=True)
class _Busy(Api):
    answers: list[Answer] = field(
        default_factory=lambda: [
            Answer(429, '{"code":"rate_limited","retry_after":7}', False, Cost()),
            Answer(200, '{"code":"fine"}', False, Cost()),
        ]
    )

    def send(self, method: str, path: str, body: Any = None, *, token: str = "", key: str = "") -> Answer:
        return self.answers.pop(0)


def test_a_shop_that_asks_to_wait_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    somebody = Caller(Walk(_Busy(1), Screen(io.StringIO(), has_colour=False)))
    assert somebody.ask("POST", "/v1/auth/login").json == {"code": "fine"}
    assert waited == [7]


@dataclass(frozen=True)
class _ShortPatience(Api):
    """A shop with a minute to pay, in which that minute is over at the second look."""

    looks: list[str] = field(default_factory=list)

    def send(self, method: str, path: str, body: Any = None, *, token: str = "", key: str = "") -> Answer:
        self.looks.append(f"{method} {path}")
        stock = '{"available":5,"reserved":0,"sold":0}'
        order = """{"id":"ord_1","status":"%s","placed_at":"2036-03-02T01:00:00.000Z",
            "expires_at":"2036-03-02T01:01:00.000Z","timeline":[{},{"at":"","actor":"system","reason":"late"}]}"""
        if method == "POST":
            return Answer(201, order % "pending_payment", False, Cost())
        status = "closing" if len(self.looks) < 3 else "cancelled"
        return Answer(200, stock if path.endswith("/stock") else order % status, False, Cost())


def test_an_order_with_a_minute_to_pay_is_watched_until_it_is_cancelled() -> None:
    screen = Screen(io.StringIO(), has_colour=False)
    leave_unpaid(Caller(Walk(_ShortPatience(1), screen)), Shelf("sku_1", "sku_2"), "adr_1")
    shown = screen.stream.getvalue()  # type: ignore[attr-defined]  # it is the StringIO above
    assert "In 1 min the shop cancels it by itself" in shown
    assert "status=cancelled  timeline.1.at=  timeline.1.actor=system  timeline.1.reason=late" in shown
