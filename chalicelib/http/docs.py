"""The API document and the page that shows it, both from this process: no other host is asked."""

import hashlib
import json
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any

from pydantic import Field

from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound
from chalicelib.http import assets
from chalicelib.http.operations import RawAnswer, Routes
from chalicelib.http.permissions import TOKENLESS

_STYLES = ("swagger-ui.css", "docs.css")
_SCRIPTS = ("swagger-ui-bundle.js", "docs.js")
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FOREVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"

AssetName = Annotated[str, Field(pattern=r"^[a-z0-9.\-]{1,80}$")]


def routes(describe: Callable[[], dict[str, Any]]) -> Routes:
    """`/openapi.json`, `/docs` and its assets. `describe` makes the document, once, when first asked."""
    room = Routes("docs")

    @cache
    def document() -> tuple[str, str]:
        text = json.dumps(describe(), ensure_ascii=False, separators=(",", ":"))
        return text, _tag(text)

    @room.get("/openapi.json", permission=TOKENLESS, tenantless=True)
    def read_document(ctx: Context, if_none_match: str) -> RawAnswer:
        """The document you are reading, for programs."""
        text, tag = document()
        return _unless(if_none_match, RawAnswer(text, "application/json", headers=_kept(_ASK_AGAIN, tag)))

    @room.get("/docs", permission=TOKENLESS, tenantless=True, answer_types=["text/html"])
    def read_page(ctx: Context, if_none_match: str) -> RawAnswer:
        """The page that shows this document, with every operation to try."""
        text = _page()
        headers = {
            **_kept(_ASK_AGAIN, _tag(text)),
            "Content-Security-Policy": _POLICY,
            "Cross-Origin-Opener-Policy": "same-origin",
        }
        return _unless(if_none_match, RawAnswer(text, "text/html; charset=utf-8", headers=headers))

    @room.get(
        "/docs/assets/{name}",
        permission=TOKENLESS,
        tenantless=True,
        answer_types=["text/javascript", "text/css"],
        errors=[NotFound],
    )
    def read_asset(ctx: Context, name: AssetName) -> RawAnswer:
        """A script or a style sheet of the page. The name holds a hash: it may be kept for ever."""
        for file in (*_STYLES, *_SCRIPTS):
            asset = assets.load(file)
            if asset.name == name:
                return RawAnswer(asset.text, asset.content_type, headers={"Cache-Control": _FOREVER})
        raise NotFound

    return room


def _tag(text: str) -> str:
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'


def _kept(how: str, tag: str) -> dict[str, str]:
    return {"Cache-Control": how, "ETag": tag}


def _unless(if_none_match: str, whole: RawAnswer) -> RawAnswer:
    """The whole answer, or 304 for a client that has it."""
    if whole.headers["ETag"] not in if_none_match:
        return whole
    return RawAnswer("", "", status=304, headers=whole.headers)


@cache
def _page() -> str:
    """Relative addresses only: the page stands at `/docs` under whatever base path the API is mounted."""
    styles = "\n".join(
        f'<link rel="stylesheet" href="docs/assets/{assets.load(file).name}">' for file in _STYLES
    )
    scripts = "\n".join(
        f'<script src="docs/assets/{assets.load(file).name}" defer></script>' for file in _SCRIPTS
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Souk API</title>
<link rel="icon" href="data:,">
{styles}
{scripts}
</head>
<body>
<div id="swagger-ui"></div>
<noscript>This page needs JavaScript; <a href="openapi.json">the document itself</a> does not.</noscript>
</body>
</html>
"""
