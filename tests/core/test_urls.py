"""Only addresses at public names are taken from people."""

import pytest

from chalicelib.core.errors import Invalid
from chalicelib.core.urls import checked_public_url


def refused(url: str) -> bool:
    with pytest.raises(Invalid) as refusal:
        checked_public_url(url)
    return refusal.value.errors[0]["code"] == "url_not_public"


@pytest.mark.parametrize("url", ["https://img.example.com/a/b.png?x=1", "https://example.com:443/a"])
def test_a_public_https_address_is_taken_as_it_is(url: str) -> None:
    assert checked_public_url(url) == url


@pytest.mark.parametrize(
    "host",
    [
        "",
        "localhost",
        "printer",
        "db.internal",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "169.254.169.254",
        "[::1]",
        "[fe80::1",
        "lin:secret@example.com",
        "example.com:8443",
        "example.com:x",
        "example.com\\@127.0.0.1",
        "example.com.",
        "exämple.com",
        "-.example.com",
    ],
)
def test_a_host_that_is_not_public_is_refused(host: str) -> None:
    assert refused(f"https://{host}/a.png")


@pytest.mark.parametrize("scheme", ["http", "ftp", "file", ""])
def test_only_https_will_do(scheme: str) -> None:
    assert refused(f"{scheme}://example.com/a.png")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "example.com/a.png",
        "https://example.com/a b",
        "https://example.com/" + "a" * 1000,
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    assert refused(url)
