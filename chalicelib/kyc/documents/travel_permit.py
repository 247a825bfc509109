"""The mainland travel permit of people from Hong Kong and Macao (H or M, eight digits) and Taiwan (eight digits)."""

import re
from datetime import date

from chalicelib.kyc.documents.base import WRONG_FORM, Fault, Side, starred

_NUMBER = re.compile(r"[HM]?[0-9]{8}")


class TravelPermit:
    sides: tuple[Side, ...] = ("front", "back")

    def faults(self, number: str, birth_date: date) -> list[Fault]:
        return [] if _NUMBER.fullmatch(number) else [Fault("document_number", "wrong_form", WRONG_FORM)]

    def masked(self, number: str) -> str:
        return starred(number, head=2, tail=2)
