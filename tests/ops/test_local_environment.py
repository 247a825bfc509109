"""The surroundings of a local run: settings, secrets, the lock, the log."""

import base64
import contextlib
import io
import json
import logging
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.core import web
from infra.local import environment, logs, run
from infra.local.environment import Refused
from infra.local.progress import Progress

ENDPOINT = "http://127.0.0.1:4567"


def test_the_app_finds_everything_it_needs(tmp_path: Path) -> None:
    env: dict[str, str] = {}
    environment.set_up(env, tmp_path, ENDPOINT)
    assert env["AWS_ENDPOINT_URL_DYNAMODB"] == env["AWS_ENDPOINT_URL_S3"] == ENDPOINT
    assert env["SOUK_DATA"] == str(tmp_path)
    assert (env["SOUK_STAGE"], env["SOUK_TABLE"], env["SOUK_SANDBOX"]) == ("local", "souk-local", "on")
    assert (env["SOUK_ADMIN_LOGIN"], env["SOUK_ADMIN_PASSWORD"]) == ("admin@souk.test", "souk-local-admin")
    assert env["SOUK_JWT_KEYS"].startswith("local:")
    assert len(env["SOUK_JWT_KEYS"].encode()) >= 32 + len("local:")
    secret = env["SOUK_SECRET_KEYS"].removeprefix("local:")
    assert len(base64.urlsafe_b64decode(secret + "=")) == 32


def test_what_the_user_set_stays(tmp_path: Path) -> None:
    mine = {
        "SOUK_TABLE": "mine",
        "SOUK_JWT_KEYS": "me:" + "x" * 32,
        "SOUK_ADMIN_PASSWORD": "my own",
        "NO_PROXY": "corp",
    }
    env = dict(mine)
    environment.set_up(env, tmp_path, ENDPOINT)
    assert {name: env[name] for name in mine} == mine | {"NO_PROXY": "corp,127.0.0.1,localhost"}


def test_real_aws_settings_never_reach_the_app(tmp_path: Path) -> None:
    env = {
        "AWS_PROFILE": "prod",
        "AWS_SESSION_TOKEN": "real",
        "AWS_ACCESS_KEY_ID": "real",
        "AWS_REGION": "eu-west-1",
    }
    environment.set_up(env, tmp_path, ENDPOINT)
    assert "real" not in env.values()
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & env.keys()
    assert (env["AWS_REGION"], env["AWS_DEFAULT_REGION"]) == ("us-east-1", "us-east-1")


def test_secrets_are_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    first: dict[str, str] = {}
    second: dict[str, str] = {}
    environment.set_up(first, tmp_path, ENDPOINT)
    environment.set_up(second, tmp_path, ENDPOINT)
    assert first == second
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_damaged_secrets_are_not_replaced_in_silence(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{")
    with pytest.raises(Refused, match=r"secrets\.json is damaged"):
        environment.set_up({}, tmp_path, ENDPOINT)
    assert (tmp_path / "secrets.json").read_text() == "{"


def test_the_data_folder_is_made_for_its_owner(tmp_path: Path) -> None:
    folder = environment.data_folder({"SOUK_DATA": str(tmp_path / "deep" / "data")})
    assert folder.is_dir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_data_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match="cannot be used"):
        environment.data_folder({"SOUK_DATA": str(tmp_path / "file" / "data")})


def test_without_a_setting_data_lies_in_the_checkout_where_git_does_not_look() -> None:
    assert environment.data_folder({}) == environment.ROOT / ".souk-data"
    ignored = subprocess.run(
        ["git", "check-ignore", "-q", ".souk-data/secrets.json"], cwd=environment.ROOT, check=False
    )
    assert ignored.returncode == 0


@pytest.mark.parametrize("text", ["http", "-1", "65536", "80.5"])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="PORT must be a number"):
        environment.port({"PORT": text})


def test_only_one_process_holds_a_data_folder(tmp_path: Path) -> None:
    other = "import sys; from pathlib import Path; from infra.local.environment import only_one\n"
    other += "with only_one(Path(sys.argv[1])): print('held', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", other, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=environment.ROOT,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(Refused, match=rf"process {holder.pid}\b.*SOUK_DATA="),
            environment.only_one(tmp_path),
        ):
            raise AssertionError("held twice")
        holder.kill()
    with environment.only_one(tmp_path):
        assert (tmp_path / "lock").exists()


@pytest.fixture
def clean_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in set(root.handlers) - set(handlers):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def test_the_apps_lines_go_to_the_file_and_its_warnings_to_the_terminal_too(
    clean_logging: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = logging.getLogger("test-app")
    app.addHandler(logging.StreamHandler(sys.stdout))
    app.propagate = False
    app.setLevel(logging.INFO)
    logs.open_log(tmp_path / "souk.log")
    logs.adopt()
    app.info('{"event":"order_placed","level":"INFO","order":"ord_1"}')
    app.warning('{"event":"slow","level":"WARNING","order":"ord_2"}')
    try:
        raise ValueError("boom")
    except ValueError:
        logging.getLogger("other").exception("it failed")
    lines = [json.loads(line) for line in (tmp_path / "souk.log").read_text().splitlines()]
    shown = capsys.readouterr()
    assert [line["event"] for line in lines] == ["order_placed", "slow", "it failed"]
    assert lines[2]["error"].endswith("ValueError: boom")
    assert shown.out == ""
    assert shown.err == "warning: slow order=ord_2\nerror: it failed (ValueError: boom)\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_what_is_quick_shows_no_bar_and_what_is_not_does(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("infra.local.progress.time.monotonic", lambda: now)
    quick, slow = Terminal(), Terminal()
    for stream, seconds in ((quick, 0.1), (slow, 1.0)):
        progress = Progress("Restoring", 4, stream)
        for _ in range(4):
            now += seconds
            progress.advance(1)
        progress.done()
    assert quick.getvalue() == ""
    drawn = slow.getvalue().split("\r")
    assert drawn[1] == f"Restoring [{'#' * 12:<24}]  50% of 4"
    assert drawn[-1] == f"Restoring [{'#' * 24}] 100% of 4\n"


def test_a_run_without_a_mini_program_has_a_wechat_of_its_own() -> None:
    env: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        run._serve_wechat(stack, env)
        query = {
            "appid": env["WECHAT_MINI_APP_ID"],
            "secret": env["WECHAT_MINI_APP_SECRET"],
            "js_code": "lin",
        }
        assert web.ask("GET", f"{env['WECHAT_API_BASE']}/sns/jscode2session", query=query)["openid"]
    with pytest.raises(web.Unanswered):
        web.ask("GET", f"{env['WECHAT_API_BASE']}/sns/jscode2session", query=query)


def test_a_real_mini_program_is_asked_where_it_is() -> None:
    env = {"WECHAT_MINI_APP_ID": "wx1", "WECHAT_MINI_APP_SECRET": "mine"}
    with contextlib.ExitStack() as stack:
        run._serve_wechat(stack, env)
    assert "WECHAT_API_BASE" not in env
