"""How long, how many, how much: what the API and the import accept alike."""

from typing import Annotated

from pydantic import Field, StringConstraints

from chalicelib.core import ids
from chalicelib.core.money import MOST_PRICE

MOST_SKUS = 200
"""For sale in one product at a time."""
MOST_NEW_SKUS = 90
"""In one request: each brings a stock item, and DynamoDB writes 100 items at once."""
MOST_SKU_BYTES = 120_000
"""All SKUs of a product together. They stand twice (in its list row too) in an item, which takes 400 KB."""
MOST_UNITS = 10**9

ProductId = Annotated[str, Field(pattern=ids.pattern("prd"))]
CategoryId = Annotated[str, Field(pattern=ids.pattern("cat"))]
BrandId = Annotated[str, Field(pattern=ids.pattern("brd"))]

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Brief = Annotated[str, Field(max_length=500)]
Description = Annotated[str, Field(max_length=20_000)]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=30)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Image = Annotated[str, Field(max_length=500, pattern=r"^(https?://|/|[a-z]{3}_)[^\s]+$")]
"""An address, a path, or the id of an upload; never another scheme, which a client might run."""
Fact = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Choice = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Choices = Annotated[
    dict[Annotated[str, StringConstraints(min_length=1, max_length=40)], Choice], Field(max_length=20)
]
"""What tells a SKU from its sisters: `{"colour": "red", "size": "M"}`."""
Amount = Annotated[int, Field(strict=True, ge=0, le=MOST_PRICE)]
Units = Annotated[int, Field(strict=True, ge=0, le=MOST_UNITS)]
Order = Annotated[int, Field(strict=True, ge=0, le=10**6)]
