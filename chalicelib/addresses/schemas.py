"""The API's shapes of addresses."""

from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints

from chalicelib.addresses.service import Kept
from chalicelib.core import ids
from chalicelib.http import Body, ListOf, Timestamp, View
from chalicelib.regions.schemas import RegionCode

_NO_CONTROLS = r"^[^\x00-\x1f\x7f]*$"

AddressId = Annotated[str, Field(pattern=ids.pattern("adr"))]
Short = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=_NO_CONTROLS)
]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_NO_CONTROLS)
]
Phone = Annotated[str, Field(pattern=r"^\+?[0-9][0-9 \-]{4,18}[0-9]$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1, two capital letters."""
PostalCode = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z \-]{1,10}$")]


class WriteAddress(Body):
    recipient: Short
    phone: Phone
    country: Country
    province: Short | None = None
    """This, city and district may be left out where `region_code` is given."""
    city: Short | None = None
    district: Short | None = None
    line1: Line
    postal_code: PostalCode | None = None
    region_code: RegionCode | None = None
    """A district's, from `/v1/regions`, for addresses in CN. It says the three names, or must agree with them."""
    is_default: bool = False
    """True makes it the default; false takes nothing away: the default changes by naming another."""

    def fields(self) -> dict[str, Any]:
        """What an address keeps of it."""
        return self.model_dump(exclude={"is_default"})


class AddressView(View):
    id: str
    recipient: str
    phone: str
    country: str
    province: str
    city: str
    district: str
    line1: str
    postal_code: str | None
    region_code: str | None
    is_default: bool
    created_at: Timestamp

    @classmethod
    def of(cls, thing: Any) -> Self:
        kept: Kept = thing
        return cls(**kept.address.model_dump(), is_default=kept.is_default)


class AddressPage(ListOf[AddressView]):
    """A customer's addresses, newest first."""
