"""The whole walk, on an emulator: every act of the shop once, in one process, on a clock that stands still."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from unittest.mock import patch

from chalicelib.core import breakers, process, remembering
from chalicelib.core import clock as clocks
from chalicelib.core import measured as measured_here
from chalicelib.core.settings import settings
from chalicelib.http import limits
from chalicelib.identity import service as who
from chalicelib.media import storage
from chalicelib.migrations import fit
from chalicelib.store import client
from chalicelib.tenants import service as tenants
from infra.cost import story_customer as customer
from infra.cost import story_files as files
from infra.cost import story_settings as settings_story
from infra.cost import story_staff as staff
from infra.cost.act import IDLE, ONE_DUE, Act
from infra.cost.walker import Walker
from infra.local import clients, serving, wechat
from infra.local.template import create_bucket, create_table

PRODUCTS = 24
"""A page of twenty, and a few more."""
MORNING = datetime(2036, 3, 2, 1, 0, tzinfo=UTC)
"""Ahead of real time: the emulator removes what has expired by the clock on the wall."""
Acts = dict[str, Act]
UNMEASURED: dict[str, str] = {}
"""`METHOD /path` or a job → why the walk does not ask for it. Empty, and meant to stay so."""


def environment(endpoint: str, table: str, wechat_base: str) -> dict[str, str]:
    """The shop's settings while it is measured, as a stage would have them where they weigh."""
    return {
        "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
        "AWS_ENDPOINT_URL_S3": endpoint,
        "SOUK_UPLOADS_BUCKET": "souk-cost-files",
        "SOUK_UPLOADS_PUBLIC_BASE": f"{endpoint}/souk-cost-files",
        "AWS_ACCESS_KEY_ID": clients.ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": clients.SECRET_KEY,
        "AWS_DEFAULT_REGION": clients.REGION,
        "SOUK_STAGE": "local",
        "SOUK_TABLE": table,
        "SOUK_SANDBOX": "on",
        "SOUK_SMS": "sandbox",
        "SOUK_MAIL": "sandbox",
        "SOUK_JWT_KEYS": "cost:" + "k" * 40,
        "SOUK_SECRET_KEYS": "cost:" + base64.urlsafe_b64encode(b"0" * 32).decode(),
        "SOUK_ADMIN_LOGIN": "admin@souk.test",
        "SOUK_ADMIN_PASSWORD": "souk-local-admin",
        "SOUK_IP_LIMIT_FACTOR": "1000",
        "SOUK_IP_REQUESTS_PER_MINUTE": "1000000",
        "SOUK_USER_REQUESTS_PER_MINUTE": "1000000",
        "SOUK_PASSWORD_MEMORY_KIB": "19456",
        "SOUK_LOG_LEVEL": "INFO",
        "WECHAT_API_BASE": wechat_base,
        "WECHAT_MINI_APP_ID": wechat.APP_ID,
        "WECHAT_MINI_APP_SECRET": wechat.APP_SECRET,
    }


def _forget() -> None:
    """A process that has seen nothing of this shop."""
    settings.cache_clear()
    who.forget_sessions()
    tenants.forget()
    limits.forget()
    fit.forget()
    for one in (breakers, measured_here, process):
        one.forget()
    remembering.forget_all()
    storage.forget()


@contextmanager
def a_shop(endpoint: str, table: str, products: int = PRODUCTS) -> Iterator[Walker]:
    """An open shop on a table of its own, stocked; everything else in this process is put back afterwards."""
    with ExitStack() as stack:
        server = serving.Server(wechat.FakeWechat(), serving.reserve(0))
        server.start()
        stack.callback(server.stop)
        base = f"http://{serving.HOST}:{server.port}"
        stack.callback(_forget)
        stack.enter_context(patch.dict(os.environ, environment(endpoint, table, base)))
        stack.enter_context(patch.object(client, "_client", None))
        clock = stack.enter_context(clocks.use(clocks.SetClock(MORNING)))
        _forget()
        from app import app
        from chalicelib.identity import bootstrap

        create_table(client.client(), table)
        create_bucket(storage._client(), settings().uploads_bucket)
        bootstrap.ensure_first_admin()
        assert isinstance(clock, clocks.SetClock)  # noqa: S101 - it was just made
        walk = Walker(app, endpoint, clock)
        stack.enter_context(walk.listening())
        walk.shop.stock_up(products)
        walk.settle()
        yield walk


def measured(endpoint: str, table: str = "souk-cost", passes: int = 1) -> Acts:
    """Every act of the shop. Of several passes the processor time is the least: the first imports what it needs."""
    best: Acts = {}
    for number in range(passes):
        with a_shop(endpoint, f"{table}-{number}") as walk:
            _walk(walk)
            for name, act in walk.acts.items():
                if name in best:
                    act.cpu_ms = min(act.cpu_ms, best[name].cpu_ms)
                    act.later.cpu_ms = min(act.later.cpu_ms, best[name].later.cpu_ms)
            best = walk.acts
    return best


def _walk(walk: Walker) -> None:
    walk.tick()  # the first empty tick of a process is written down, the next are not
    walk.settle()
    walk.jobs(IDLE)
    customer.browse(walk)
    customer.come_in(walk)
    keys = staff.keep_shop(walk)
    token, member = _newcomer(walk, "lin-2")
    walk.shop.address = walk.get_ready("POST", "/v1/me/addresses", customer.ADDRESS, token)["id"]
    customer.fill_cart(walk, token)
    files.keep_files(walk, token)
    order = customer.buy(walk, token)
    customer.buy_keys(walk, token, keys)
    customer.change_mind(walk, token)
    staff.hold_stock(walk)
    staff.keep_orders(walk, order)
    customer.live(walk, token)
    customer.show_papers(walk, token)
    staff.check_papers(walk, member)
    _refused(walk)
    staff.keep_members(walk, member)
    staff.rule(walk)
    settings_story.choose(walk)
    settings_story.look_after(walk)
    _leave(walk)
    _tick(walk)


def _newcomer(walk: Walker, name: str) -> tuple[str, str]:
    """Somebody new: their token, and who they are."""
    person = {"email": f"{name}@example.com", "password": customer.PASSWORD}
    made = walk.get_ready("POST", "/v1/auth/register", person)
    return made["access_token"], made["user"]["id"]


def _refused(walk: Walker) -> None:
    token, member = _newcomer(walk, "wei")
    walk.get_ready("POST", "/v1/me/kyc", customer.papers("Wei", "E87654321"), token)
    staff.refuse_papers(walk, member)


def _leave(walk: Walker) -> None:
    walk.do("DELETE", "/v1/auth/sessions", token=_newcomer(walk, "everywhere")[0])
    walk.do("DELETE", "/v1/me", {"password": customer.PASSWORD}, _newcomer(walk, "gone")[0])


def _tick(walk: Walker) -> None:
    """What the clock does for one order that nobody paid, one parcel nobody confirmed, stock that nobody took."""
    walk.clock.advance(minutes=40)
    walk.tick()
    walk.settle()
    admin = {"login": "admin@souk.test", "password": "souk-local-admin"}
    walk.shop.admin = walk.get_ready("POST", "/v1/auth/login", admin)["access_token"]
    token = _newcomer(walk, "late")[0]
    walk.shop.address = walk.get_ready("POST", "/v1/me/addresses", customer.ADDRESS, token)["id"]
    walk.get_ready("POST", "/v1/orders", customer.order_of(walk, 2), token)
    staff.take_stock(walk, "late")
    walk.clock.advance(minutes=40)
    walk.jobs(ONE_DUE, "order_timeout", "stock_release")
    token = _newcomer(walk, "patient")[0]
    walk.shop.address = walk.get_ready("POST", "/v1/me/addresses", customer.ADDRESS, token)["id"]
    walk.shop.admin = walk.get_ready("POST", "/v1/auth/login", admin)["access_token"]
    customer.receive(walk, token)
    walk.clock.advance(days=11)
    walk.jobs(ONE_DUE, "auto_confirm")
