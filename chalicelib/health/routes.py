"""Health for load balancers, deployments and people who wonder."""

from chalicelib.core.context import Context
from chalicelib.health import service
from chalicelib.health.schemas import Health
from chalicelib.health.service import DataMisfit, StoreUnreachable
from chalicelib.http import TOKENLESS, Routes

routes = Routes("health")


@routes.get("/v1/health", permission=TOKENLESS, tenantless=True)
def read_health(ctx: Context) -> Health:
    """Whether this process stands. It asks nothing else, so that it says nothing about anything else."""
    return Health()


@routes.get("/v1/health/ready", permission=TOKENLESS, tenantless=True, errors=[StoreUnreachable, DataMisfit])
def read_readiness(ctx: Context) -> Health:
    """Whether the table can be read, within two seconds, and is in a shape this release knows."""
    service.check()
    return Health()
