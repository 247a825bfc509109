"""What only the platform says of a shop: its hosts and its ceilings. Pure."""

from collections.abc import Sequence

from chalicelib.core.settings import settings
from chalicelib.platform.schemas import WriteCeilings
from chalicelib.tenants import hosts
from chalicelib.tenants import terms as rules
from chalicelib.tenants.entities import Ceilings

Problems = list[dict[str, str]]


def hosts_of(texts: Sequence[str]) -> tuple[list[str], Problems]:
    """The hosts in their one spelling, each once; and what is wrong with the others."""
    found: dict[str, None] = {}
    problems: Problems = []
    for place, text in enumerate(texts):
        name = hosts.read(text)
        if name is None:
            message = "is no host name, such as shop.example.com"
            problems.append({"field": f"hosts.{place}", "code": "host_invalid", "message": message})
        else:
            found[name] = None
    return list(found), problems


def ceilings_above_the_stage(wish: WriteCeilings) -> Problems:
    stage = rules.most(Ceilings(), settings())
    return [
        {
            "field": f"ceilings.{field}",
            "code": "above_ceiling",
            "message": f"may be at most {getattr(stage, field)} on this stage",
        }
        for field, number in wish.model_dump().items()
        if number is not None and number > getattr(stage, field)
    ]
