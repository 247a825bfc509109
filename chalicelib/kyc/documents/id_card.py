"""The resident identity card of China. Its number (GB 11643) holds the birth date and a check digit."""

import re
from datetime import date

from chalicelib.core.text import Text
from chalicelib.kyc.documents.base import WRONG_FORM, Fault, Side, starred

_NUMBER = re.compile(r"[1-9][0-9]{16}[0-9X]")
_CHECK_DIGITS = "10X98765432"
_MISTYPED = Text("is mistyped: its check digit is wrong", "校验位不正确，请检查是否输错")
_NO_DATE = Text("holds a birth date that does not exist", "号码中的出生日期不存在")
_DIFFERS = Text("is not the birth date in the card's number", "与证件号码中的出生日期不一致")


class IdCard:
    sides: tuple[Side, ...] = ("front", "back")

    def faults(self, number: str, birth_date: date) -> list[Fault]:
        if not _NUMBER.fullmatch(number):
            return [Fault("document_number", "wrong_form", WRONG_FORM)]
        if number[-1] != check_digit(number):
            return [Fault("document_number", "check_digit", _MISTYPED)]
        born = _born(number)
        if born is None:
            return [Fault("document_number", "no_such_date", _NO_DATE)]
        return [] if born == birth_date else [Fault("birth_date", "differs_from_number", _DIFFERS)]

    def masked(self, number: str) -> str:
        return starred(number, head=8, tail=4)


def check_digit(number: str) -> str:
    """The last character, from the seventeen before it (ISO 7064, MOD 11-2)."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(number[:17]))
    return _CHECK_DIGITS[total % 11]


def _born(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
