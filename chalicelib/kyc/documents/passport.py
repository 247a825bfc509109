"""A passport of any country: up to nine letters and digits (ICAO 9303), the page with the portrait."""

import re
from datetime import date

from chalicelib.kyc.documents.base import WRONG_FORM, Fault, Side, starred

_NUMBER = re.compile(r"(?=.*[0-9])[A-Z0-9]{6,9}")


class Passport:
    sides: tuple[Side, ...] = ("front",)

    def faults(self, number: str, birth_date: date) -> list[Fault]:
        return [] if _NUMBER.fullmatch(number) else [Fault("document_number", "wrong_form", WRONG_FORM)]

    def masked(self, number: str) -> str:
        return starred(number, head=2, tail=2)
