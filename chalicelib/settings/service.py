"""What other domains ask of a shop's settings."""

from dataclasses import dataclass
from typing import TypeVar

from chalicelib.core.context import Context
from chalicelib.core.settings import settings
from chalicelib.tenants import parameters
from chalicelib.tenants import service as tenants
from chalicelib.tenants.entities import Tenant
from chalicelib.tenants.parameters import PARAMETERS

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Storage:
    """What a shop's files may be."""

    quota_bytes: int
    """All of them together."""
    max_file_bytes: int
    """One of them."""
    allowed_types: frozenset[str]
    """Media types, in lower case."""
    public_base_url: str
    """Where clients load public files from, without a final slash; empty: where the stage says."""


def storage(ctx: Context) -> Storage:
    """At most one GetItem a minute. Raises TenantUnknown."""
    tenant = tenants.of(ctx)
    return Storage(
        quota_bytes=_in_force(tenant, parameters.QUOTA_BYTES, int),
        max_file_bytes=_in_force(tenant, parameters.MAX_FILE_BYTES, int),
        allowed_types=frozenset(_in_force(tenant, parameters.ALLOWED_TYPES, list)),
        public_base_url=_in_force(tenant, parameters.PUBLIC_BASE_URL, str),
    )


def _in_force(tenant: Tenant, name: str, kind: type[T]) -> T:
    found = PARAMETERS[name].in_force(tenant, settings())
    assert isinstance(found, kind)  # noqa: S101 - declared so, and checked whenever it is read
    return found
