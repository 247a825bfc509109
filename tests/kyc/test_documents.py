"""What is a number of a document, and how much of it is shown."""

from datetime import date
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kyc import images
from chalicelib.kyc.documents import DOCUMENT_TYPES
from chalicelib.kyc.documents.id_card import check_digit
from tests.kyc.papers import JPEG, NUMBER, PNG, image

ID_CARD = DOCUMENT_TYPES["id_card"]
BORN = date(1949, 12, 31)


def faults(code: str, number: str, born: date = BORN) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in DOCUMENT_TYPES[code].faults(number, born)]  # type: ignore[index]


@pytest.mark.parametrize("number", [NUMBER, "440524188001010014", "34052419800101001X"])
def test_the_check_digit_is_that_of_the_standard(number: str) -> None:
    assert check_digit(number) == number[-1]


@given(st.integers(10**16, 10**17 - 1), st.integers(0, 16), st.integers(1, 9))
def test_one_mistyped_digit_is_always_found(seventeen: int, place: int, by: int) -> None:
    number = str(seventeen)
    whole = number + check_digit(number)
    other = str((int(number[place]) + by) % 10)
    assert check_digit(number[:place] + other + number[place + 1 :]) != whole[-1]


@given(st.integers(10**16, 10**17 - 1), st.integers(0, 15))
def test_two_digits_in_the_wrong_order_are_always_found(seventeen: int, place: int) -> None:
    number = str(seventeen)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert number == swapped or check_digit(number) != check_digit(swapped)


@pytest.mark.parametrize(
    ("number", "found"),
    [
        (NUMBER, []),
        ("110105194912310021", [("document_number", "check_digit")]),
        ("1101051949123100X2", [("document_number", "wrong_form")]),
        ("11010519491231002", [("document_number", "wrong_form")]),
        ("01010519491231002X", [("document_number", "wrong_form")]),
        ("11010519491331" + "002" + check_digit("11010519491331002"), [("document_number", "no_such_date")]),
        (
            "11010519500228" + "002" + check_digit("11010519500228002"),
            [("birth_date", "differs_from_number")],
        ),
    ],
)
def test_an_identity_card_says_what_is_wrong_with_its_number(
    number: str, found: list[tuple[str, str]]
) -> None:
    assert faults("id_card", number) == found


@pytest.mark.parametrize(
    ("code", "number", "right"),
    [
        ("passport", "E12345678", True),
        ("passport", "EA1234567", True),
        ("passport", "123456", True),
        ("passport", "ABCDEFG", False),
        ("passport", "E123456789", False),
        ("passport", "E1234", False),
        ("travel_permit", "H12345678", True),
        ("travel_permit", "M12345678", True),
        ("travel_permit", "12345678", True),
        ("travel_permit", "X12345678", False),
        ("travel_permit", "H1234567", False),
    ],
)
def test_other_documents_have_forms_of_their_own(code: str, number: str, right: bool) -> None:
    assert faults(code, number) == ([] if right else [("document_number", "wrong_form")])


@pytest.mark.parametrize(
    ("code", "number", "masked"),
    [
        ("id_card", "110101199003071234", "11010119******1234"),
        ("passport", "E12345678", "E1*****78"),
        ("travel_permit", "H12345678", "H1*****78"),
    ],
)
def test_a_number_is_shown_in_part(code: str, number: str, masked: str) -> None:
    assert DOCUMENT_TYPES[code].masked(number) == masked  # type: ignore[index]


def sent(*sides: str, content: str | None = None) -> list[SimpleNamespace]:
    return [SimpleNamespace(**(image(side) | ({"content": content} if content else {}))) for side in sides]


def image_faults(*given: SimpleNamespace) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in images.read(given, ("front",))[1]]


@pytest.mark.parametrize(("content", "kind"), [(JPEG, "image/jpeg"), (PNG, "image/png")])
def test_an_image_is_what_its_first_bytes_say(content: bytes, kind: str) -> None:
    (one,), none = images.read([SimpleNamespace(**image("front", content))], ("front",))
    assert (one.content_type, one.size_bytes, none) == (kind, len(content), [])


@pytest.mark.parametrize("content", [b"GIF89a", b"", b"%PDF-1.7", b"<svg/>", b"\x89PN", b"MZ\xff\xd8\xff"])
def test_what_is_no_image_is_refused(content: bytes) -> None:
    assert image_faults(SimpleNamespace(**image("front", content))) == [
        ("documents.0.content", "not_an_image")
    ]


@pytest.mark.parametrize("content", ["not base64!", "/9j/4", "/9j/\n4AAQ", "é", "data:image/png;base64,iVBO"])
def test_what_is_no_base64_is_refused(content: str) -> None:
    assert image_faults(*sent("front", content=content)) == [("documents.0.content", "not_base64")]


def test_two_hundred_kilobytes_are_taken_and_a_byte_more_is_not() -> None:
    most = JPEG + b"x" * (images.MOST_BYTES - len(JPEG))
    assert image_faults(SimpleNamespace(**image("front", most))) == []
    assert image_faults(SimpleNamespace(**image("front", most + b"x"))) == [
        ("documents.0.content", "image_too_large")
    ]


def test_each_side_is_shown_once_and_the_needed_ones_are_there() -> None:
    assert image_faults(*sent("front", "holder", "other")) == []
    assert image_faults(*sent("front", "front")) == [("documents.1.side", "side_twice")]
    assert image_faults(*sent("back")) == [("documents", "side_missing")]
