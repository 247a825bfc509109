"""`make run`: the whole shop on this machine. Emulator, table, bucket, kept data, app, clock, stream, HTTP."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

from chalicelib.core.settings import Misconfigured
from infra.local import clients, environment, logs, public_files, serving, template, wechat
from infra.local.emulator import Emulator, EmulatorFailed
from infra.local.environment import Refused
from infra.local.journal import DataUnreadable
from infra.local.keep import Keeper
from infra.local.public_files import Bucket, PublicFiles
from infra.local.running import Running, announced
from infra.local.schedules import Ticker, jobs_of, seconds_a_minute
from infra.local.stream_reader import StreamReader, stream_arn
from infra.local.streams import Pump, consumers_of
from infra.local.wsgi import WsgiFace

T = TypeVar("T")

_SAME_KEYSTROKE_SECONDS = 0.5
"""Ctrl-C can arrive twice, from the terminal and passed on by a parent; only a later one means "now"."""
_WATCH_SECONDS = 0.2
_PATIENCE_SECONDS = 2.0
"""How long a run that is just stopping may still hold what this one needs."""
_FORCED = 130


@dataclass(frozen=True, slots=True)
class Shop:
    app: Any
    before_serving: Callable[[], None]
    after_serving: Callable[[str], None]
    """Gets the API's address."""


class _Stop(BaseException):
    """Ends the run from wherever the main thread is; everything started so far is ended in reverse order."""


def open_shop() -> Shop:
    """Import the app and what belongs to its first start. The environment must be complete by now.

    Raises Misconfigured.
    """
    if str(environment.ROOT) not in sys.path:
        sys.path.insert(0, str(environment.ROOT))
    app = importlib.import_module("app").app
    app.check_table()
    return Shop(
        app=app,
        before_serving=_prepare,
        after_serving=_optional("infra.local.seed", "load_once"),
    )


def _prepare() -> None:
    """The first admin, and data that an older release left here brought into today's shape."""
    _optional("chalicelib.identity.bootstrap", "ensure_first_admin")()
    importlib.import_module("infra.tools.migrate").up("make run", tell=False)


def main(shop: Callable[[], Shop] = open_shop) -> int:
    """Run until SIGTERM or Ctrl-C. Returns the exit code: 0 after a normal stop, 1 when it cannot go on."""
    parent = os.getppid()
    _stop_on_signals()
    try:
        with contextlib.ExitStack() as stack:
            emulator = _start(stack, shop)
            while emulator.is_running():
                time.sleep(_WATCH_SECONDS)
                if "MAKELEVEL" in os.environ and os.getppid() != parent:
                    raise _Stop  # make was killed: what it started must not stay behind
            raise emulator.failure("ended by itself")
    except _Stop:
        _say("Souk has stopped; your data is kept.")
        return 0
    except (Refused, DataUnreadable, EmulatorFailed, Misconfigured) as error:
        print(f"Souk cannot run: {error}", file=sys.stderr)
        return 1


def _start(stack: contextlib.ExitStack, shop: Callable[[], Shop]) -> Emulator:
    listener = _patiently(lambda: stack.enter_context(_listener()))
    folder = environment.data_folder(os.environ)
    _patiently(lambda: stack.enter_context(environment.only_one(folder)))
    minute = _minute_seconds()
    logs.open_log(folder / "souk.log")
    _say("Starting the emulator …")
    emulator = stack.enter_context(Emulator(folder=folder / "emulator", files=folder / "files"))
    environment.set_up(os.environ, folder, emulator.endpoint)
    _serve_wechat(stack, os.environ)
    table = os.environ["SOUK_TABLE"]
    dynamodb, streams = clients.dynamodb(emulator.endpoint), clients.streams(emulator.endpoint)
    template.create_table(dynamodb, table)
    files = _make_bucket(emulator, listener.getsockname()[1])
    keeper = Keeper(folder, table, dynamodb, streams)
    kept = keeper.restore()
    keeper.start()
    stack.callback(keeper.stop)

    opened = shop()
    logs.adopt()
    arn = stream_arn(dynamodb, table)
    for consumer in consumers_of(opened.app):
        pump = Pump(consumer, StreamReader(streams, arn))
        pump.start()
        stack.callback(pump.stop)
    opened.before_serving()
    ticker = Ticker(jobs_of(opened.app), minute_seconds=minute)
    ticker.start()
    stack.callback(ticker.stop)
    server = serving.Server(PublicFiles(WsgiFace(opened.app), files), listener)
    server.start()
    stack.callback(server.stop)
    address = f"http://{serving.HOST}:{server.port}"
    opened.after_serving(f"{address}/api")
    stack.enter_context(announced(folder, Running(emulator.endpoint, table, server.port)))
    _announce(address, folder, kept)
    return emulator


def _make_bucket(emulator: Emulator, port: int) -> Bucket:
    """The bucket, and where its public files are seen: at the shop's own address, which is the same tomorrow."""
    os.environ.setdefault("SOUK_UPLOADS_PUBLIC_BASE", f"http://{serving.HOST}:{port}{public_files.BASE}")
    bucket = Bucket(clients.files(emulator.endpoint), os.environ["SOUK_UPLOADS_BUCKET"])
    template.create_bucket(bucket.client, bucket.name)
    return bucket


def _serve_wechat(stack: contextlib.ExitStack, env: MutableMapping[str, str]) -> None:
    """A WeChat of our own on a free port, unless the user brought a real mini-program's id and secret."""
    if env.get("WECHAT_MINI_APP_ID") and env.get("WECHAT_MINI_APP_SECRET"):
        return
    server = serving.Server(wechat.FakeWechat(), serving.reserve(0))
    server.start()
    stack.callback(server.stop)
    env.update(
        WECHAT_API_BASE=f"http://{serving.HOST}:{server.port}",
        WECHAT_MINI_APP_ID=wechat.APP_ID,
        WECHAT_MINI_APP_SECRET=wechat.APP_SECRET,
    )


def _patiently(claim: Callable[[], T]) -> T:
    """Try again for a moment: whoever restarts a shop does not wait for the old one to be gone."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return claim()
        except Refused:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _listener() -> contextlib.closing[socket.socket]:
    port = environment.port(os.environ)
    try:
        return contextlib.closing(serving.reserve(port))
    except serving.PortTaken as error:
        raise Refused(f"{error}. Choose another one, for example: PORT={port + 1} make run") from error


def _minute_seconds() -> float:
    try:
        return seconds_a_minute()
    except ValueError as error:
        raise Refused(str(error)) from None


def _announce(address: str, folder: Path, kept: int) -> None:
    password = os.environ["SOUK_ADMIN_PASSWORD"]
    if password != environment.ADMIN_PASSWORD:
        password = "the one in SOUK_ADMIN_PASSWORD"  # noqa: S105 - words about a password
    _say(f"  API docs   {address}/api/docs")
    _say(f"  Admin      {os.environ['SOUK_ADMIN_LOGIN']} / {password}")
    _say(f"  Data       {folder} ({kept} items from before; log lines in souk.log)")
    _say("  Stop       Ctrl-C")
    _say(f"Souk is ready at {address}/api")


def _optional(module: str, name: str) -> Callable[..., None]:
    """A function that may not exist; nothing else about it is forgiven."""
    try:
        found: Callable[..., None] = getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        return lambda *_: None
    return found


def _stop_on_signals() -> None:
    asked_at: float | None = None

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal asked_at
        if asked_at is None:
            asked_at = time.monotonic()
            with contextlib.suppress(OSError):
                # Not print(): the main thread may be inside one right now.
                os.write(sys.stdout.fileno(), "\nStopping …\n".encode())
            raise _Stop
        if number == signal.SIGINT and time.monotonic() - asked_at > _SAME_KEYSTROKE_SECONDS:
            # The emulator sees its pipe close and goes by itself; the journal has all but the last second.
            os._exit(_FORCED)

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if each != signal.SIGHUP or signal.getsignal(each) is not signal.SIG_IGN:  # SIGHUP as under nohup
            signal.signal(each, stop)


def _say(line: str) -> None:
    """Tell the terminal; it may be gone, and that is no reason not to stop properly."""
    with contextlib.suppress(OSError):
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
