"""Depth and width of a body are told from its bytes, in one look."""

import contextlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chalicelib.http.json_shape import MOST_LEVELS, BodyTooDeep, BodyTooWide, check

BYTES = 256 * 1024
ANY_JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=20,
)


def depth_of(value: object) -> int:
    match value:
        case dict():
            return 1 + max(map(depth_of, value.values()), default=0)
        case list():
            return 1 + max(map(depth_of, value), default=0)
    return 0


def test_what_is_deep_enough_to_be_an_attack_is_refused() -> None:
    check(b"[" * MOST_LEVELS + b"]" * MOST_LEVELS, BYTES)
    for opening in (b"[", b'{"a":', b'[{"a":'):
        with pytest.raises(BodyTooDeep):
            check(opening * (MOST_LEVELS + 1), BYTES)


def test_brackets_in_strings_and_side_by_side_are_not_deep() -> None:
    check(json.dumps({"a": "[{" * 1000, 'b"[': '\\"' + "[" * 100}).encode(), BYTES)
    check(b"[" + b",".join([b'{"a":[]}'] * 1000) + b"]", BYTES)


def test_more_fields_than_people_send_are_refused() -> None:
    most = BYTES // 16
    check(json.dumps({str(n): 0 for n in range(most)}).encode(), BYTES)
    with pytest.raises(BodyTooWide):
        check(json.dumps({str(n): 0 for n in range(most + 1)}).encode(), BYTES)
    check(json.dumps({"times": "12:30:00 " * most}).encode(), BYTES)


@given(ANY_JSON, some.integers(0, 40))
def test_the_bytes_tell_the_depth_that_the_parser_would_find(value: object, around: int) -> None:
    for _ in range(around):
        value = [value]
    body = json.dumps(value).encode()
    try:
        check(body, 10**6)
    except BodyTooDeep:
        assert depth_of(value) > MOST_LEVELS
    else:
        assert depth_of(value) <= MOST_LEVELS


@pytest.mark.parametrize(
    "evil",
    [b'"' + b'\\"' * 130_000, b'"' * 262_144, b"[]" * 131_072, b"[" * 33 + b"\\" * 262_111, b'"\\' * 131_072],
)
def test_no_body_takes_long_to_look_at(evil: bytes) -> None:
    began = time.perf_counter()
    for body in (evil, b"[" * 33 + evil):
        with contextlib.suppress(BodyTooDeep, BodyTooWide):
            check(body, BYTES)
    assert time.perf_counter() - began < 2
