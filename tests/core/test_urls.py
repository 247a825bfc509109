"""Addresses that others give us: only what lies in the open Internet may be asked."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chalicelib.core.urls import LONGEST, UrlRefused, checked_public_url, is_public_address


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example.com",
        "https://shop.example.com/",
        "https://Shop.Example.COM/a/b.png?x=1&y=%20#top",
        "https://shop.example.com:443/hook",
        "https://xn--fiqs8s.xn--fiqz9s/a",
        "https://a-b.c1.co/@user",
        "https://123.example.com/",
        "https://example.com./",
        "https://cdn.shop.example/a.png",
    ],
)
def test_a_public_address_passes_as_it_was_given(url: str) -> None:
    assert checked_public_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        # not https
        "http://shop.example.com/",
        "ftp://shop.example.com/",
        "file:///etc/passwd",
        "gopher://shop.example.com/",
        "javascript:alert(1)",
        "data:text/html,x",
        "//shop.example.com/",
        "shop.example.com",
        "",
        # a user or a password
        "https://user@shop.example.com/",
        "https://user:password@shop.example.com/",
        "https://shop.example.com@127.0.0.1/",
        "https://@shop.example.com/",
        # loopback, private, link-local, metadata, and their other spellings
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0x0.0x0.0x1/",
        "https://017700000001/",
        "https://0177.0.0.1/",
        "https://0/",
        "https://0.0.0.0/",
        "https://10.0.0.1/",
        "https://172.16.0.1/",
        "https://192.168.0.1/",
        "https://100.64.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://2852039166/",
        "https://0xa9fea9fe/",
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[fe80::1]/",
        "https://[fd00:ec2::254]/",
        "https://[64:ff9b::7f00:1]/",
        "https://8.8.8.8/",
        "https://127.0.0.1./",
        "https://1.2.3/",
        "https://example.0x7f/",
        # names of the inside, or of nowhere
        "https://localhost/",
        "https://LOCALHOST./",
        "https://shop.localhost/",
        "https://intranet/",
        "https://printer.local/",
        "https://metadata.google.internal/",
        "https://instance-data.ec2.internal/",
        "https://souk.test/",
        "https://a.home.arpa/",
        "https://127.0.0.1.nip.io/",
        "https://localtest.me/",
        "https://a.lvh.me./",
        # odd ports
        "https://shop.example.com:80/",
        "https://shop.example.com:22/",
        "https://shop.example.com:8443/",
        "https://shop.example.com:/",
        "https://shop.example.com:99999/",
        "https://shop.example.com:x/",
        # what parsers read differently
        "https://shop.example.com\\@127.0.0.1/",
        "https:\\\\127.0.0.1/",
        "https://shop.example.com/\r\nHost: evil",
        "https://shop.example.com/ x",
        " https://shop.example.com/",
        "https://shop.example.com\t/",
        "https://ⓛocalhost/",
        "https://127。0。0。1/",
        "https://shop%2eexample.com/",
        "https://-shop.example.com/",
        "https://shop..example.com/",
        "https://.example.com/",
        "https://shop_1.example.com/",
        "https:///path",
        "https:shop.example.com",
        "https://[shop.example.com/",
        f"https://{'a' * 64}.example.com/",
        f"https://{'a.' * 150}com/",
        "https://shop.example.com/" + "a" * LONGEST,
    ],
)
def test_what_leads_inside_or_may_be_read_in_two_ways_is_refused(url: str) -> None:
    with pytest.raises(UrlRefused):
        checked_public_url(url)


def test_a_refusal_says_what_to_do_and_repeats_nothing() -> None:
    with pytest.raises(UrlRefused, match="must begin with https://") as refused:
        checked_public_url("http://lin:hunter2@shop.example.com/")
    assert "hunter2" not in str(refused.value)


@given(some.integers(0, 2**32 - 1))
def test_no_number_is_a_host(number: int) -> None:
    for host in (str(number), hex(number), f"0{number:o}", f"[::ffff:{number >> 16:x}:{number & 0xFFFF:x}]"):
        with pytest.raises(UrlRefused):
            checked_public_url(f"https://{host}/")


@given(some.text(max_size=80))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://shop.example.com/{text}"):
        with contextlib.suppress(UrlRefused):
            assert checked_public_url(url) == url


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_an_address_of_the_internet_may_be_connected_to(address: str) -> None:
    assert is_public_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
        "::1", "::", "fe80::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
        "2002:7f00:1::", "64:ff9b::7f00:1", "2001:0:4136:e378:8000:63bf:80ff:fffe", "shop.example.com", "",
    ],
)  # fmt: skip
def test_an_address_of_the_inside_may_not(address: str) -> None:
    assert not is_public_address(address)
