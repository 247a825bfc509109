"""CSV that a spreadsheet does not run, and that reads back as what it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core import csv_text
from chalicelib.core.errors import Invalid

CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12) | st.text(
    "'=+-@\t\r\n,\"a"
)


@given(st.lists(CELL.filter(bool), min_size=1, max_size=5))
def test_what_was_rendered_reads_back_as_it_was(cells: list[str]) -> None:
    names = [f"c{n}" for n in range(len(cells))]
    text = csv_text.render([names, cells])
    assert csv_text.parse(text) == [dict(zip(names, cells, strict=True))]


@given(CELL)
def test_no_cell_begins_as_a_formula_does(cell: str) -> None:
    assert not csv_text.neutral(cell).startswith(
        ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
    )


def test_a_formula_becomes_text_and_an_apostrophe_of_its_own_stays() -> None:
    assert csv_text.render([["=1+1", "'=1", "'tis", "a"]]) == "'=1+1,''=1,'tis,a\r\n"


def test_empty_lines_and_a_byte_order_mark_are_passed_over() -> None:
    assert csv_text.parse("\ufeffname,level\r\n\r\nLin,vip\r\n,\r\n") == [{"name": "Lin", "level": "vip"}]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no_names"),
        (" ,\nLin,vip", "no_names"),
        ("name,name\nLin,Wei", "bad_names"),
        (",".join(f"c{n}" for n in range(51)), "bad_names"),
        ("name,level\nLin", "ragged"),
        ("name\nLin,vip", "ragged"),
        ("name\nLin\nWei\nAn", "too_many_rows"),
        ("name\n" + "x" * 4001, "cell_too_long"),
        ('name\n"Lin', "not_csv"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        csv_text.parse(text, most_rows=2)
    assert refusal.value.errors[0]["code"] == code
