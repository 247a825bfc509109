"""Money: a whole number of minor units beside its currency. Never a float, never two currencies in one sum."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
MOST = 10**15
"""The largest amount any one field may hold, in minor units: far above every shop, below 2**53."""
MOST_PRICE = 10**10
"""The largest price of one unit: 999 units of it in each of 100 lines still make one amount."""


class CurrencyMismatch(ValueError):
    """Two currencies met in one sum: a programming error, never an answer to a client."""


class Money(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    amount: Annotated[int, Field(strict=True, ge=-MOST, le=MOST)]
    currency: Currency

    def _like(self, other: "Money", amount: int) -> "Money":
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return Money(amount=amount, currency=self.currency)

    def __add__(self, other: "Money") -> "Money":
        return self._like(other, self.amount + other.amount)

    def __sub__(self, other: "Money") -> "Money":
        return self._like(other, self.amount - other.amount)

    def __mul__(self, count: int) -> "Money":
        return Money(amount=self.amount * count, currency=self.currency)


def total(currency: str, parts: Sequence[Money]) -> Money:
    result = Money(amount=0, currency=currency)
    for part in parts:
        result = result + part
    return result


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """Split `amount` (>= 0) by `weights` (>= 0) so that the parts sum to it exactly (largest remainder).

    Equal remainders go to the earlier part, so the same input always splits the same way.
    """
    whole = sum(weights)
    if whole == 0:
        if amount:
            raise ValueError("nothing to split over")
        return [0] * len(weights)
    parts = [amount * weight // whole for weight in weights]
    left = amount - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % whole), i))
    for index in by_remainder[:left]:
        parts[index] += 1
    return parts
