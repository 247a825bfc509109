"""The page that shows the API document: from this process alone, under a strict policy, at any base path."""

import hashlib
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from app import app
from chalicelib.http import assets
from infra.local.wsgi import WsgiFace
from tests.http.described import OPERATIONS
from tests.shop import send

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(params=["/api", ""], ids=["at /api", "at /"])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """The app on a free port, mounted at a base path."""
    face = WsgiFace(app, base_path=request.param, home=f"{request.param}/docs")
    with make_server("127.0.0.1", 0, face, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}{request.param}"
        server.shutdown()
        thread.join()


@pytest.mark.ledger("S2-012")
@pytest.mark.skipif(not BROWSER, reason="no Chromium here: apt-get install chromium")
def test_a_browser_shows_every_domain(address: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path}",
            "--enable-logging=stderr",
            "--virtual-time-budget=15000",
            "--dump-dom",
            f"{address}/docs",
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    shown = set(re.findall(r'data-tag="(\w+)"', done.stdout))
    assert shown == {op.tag for op in OPERATIONS}
    assert "CONSOLE" not in done.stderr, done.stderr
    assert f'value="{address.partition("//")[2].partition("/")[1] or "/"}' in done.stdout


def test_the_page_asks_no_other_host_and_runs_nothing_inline() -> None:
    page = send("GET", "/docs")
    assert page.status == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:" in policy
    assert "://" not in page.text
    assert not re.search(r"<script>|\son\w+=|style=", page.text)
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert all(not link.startswith("/") for link in links)


@pytest.mark.ledger("S0-032")
def test_every_page_is_asked_for_again_and_every_asset_is_kept_for_ever() -> None:
    """Whatever this app serves to a browser as a page, a script or a style sheet, and all that such a page names."""
    pages = [op for op in OPERATIONS if "text/html" in op.answer_types]
    assert pages
    for op in pages:
        page = send("GET", op.path)
        assert page.headers["cache-control"] == "no-cache"
        again = send("GET", op.path, headers={"if-none-match": page.headers["etag"]})
        assert (again.status, again.text, again.headers["cache-control"]) == (304, "", "no-cache")
        for link in re.findall(r'(?:src|href)="([^"]+\.(?:js|css))"', page.text):
            asset = send("GET", f"/{link}")
            assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
            digest = hashlib.sha256(asset.text.encode()).hexdigest()
            assert link.split(".")[-2] == digest[:8], "the name does not follow the content"


@pytest.mark.ledger("S0-032")
def test_an_asset_that_changed_has_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "STATIC", tmp_path)
    found = []
    for content in ("let a = 1", "let a = 2"):
        (tmp_path / "page.js").write_text(content)
        found.append(assets.load.__wrapped__("page.js").name)
    assert found[0] != found[1]


def test_assets_are_kept_for_ever_and_the_page_is_not() -> None:
    page = send("GET", "/docs")
    assert page.headers["cache-control"] == "no-cache"
    names = re.findall(r'"(docs/assets/[^"]+)"', page.text)
    assert len(names) == 4
    for name in names:
        assert re.search(r"\.[0-9a-f]{8}\.(js|css)$", name)
        asset = send("GET", f"/{name}")
        assert asset.status == 200
        assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert asset.headers["content-type"].split(";")[0] in ("text/javascript", "text/css")
    assert send("GET", "/" + names[0].replace(".css", ".js")).status == 404


def test_documents_need_no_shop_and_no_token() -> None:
    """No table stands behind this test: a store call would raise."""
    broken = {"authorization": "Bearer broken", "x-tenant": "nowhere"}
    for path in ("/docs", "/openapi.json", "/v1/health"):
        assert send("GET", path, headers=broken).status == 200
