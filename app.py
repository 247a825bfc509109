"""The bundle's entry: mounts every route, job and stream handler; nothing else."""

from chalicelib.addresses import routes as addresses
from chalicelib.cart import routes as cart
from chalicelib.catalog import routes as catalog
from chalicelib.core import log
from chalicelib.core.settings import settings
from chalicelib.http.app import Souk
from chalicelib.http.ports import Ports
from chalicelib.identity import routes as identity
from chalicelib.identity import service as who
from chalicelib.store import counters, idempotency, meter
from chalicelib.tenants import service as tenants

log.set_up(settings().log_level)

app = Souk(
    "souk",
    rooms=[
        addresses.routes,
        cart.routes,
        catalog.routes,
        identity.routes,
    ],
    ports=Ports(
        authenticate=who.authenticate,
        tenant=tenants.find,
        recall=idempotency.recall,
        limit=counters.take,
        metering=meter.metering,
        already_done=idempotency.AlreadyDone,
    ),
)
