"""The bundle's entry: mounts every route, job and stream handler; nothing else."""

from chalicelib.addresses import routes as addresses
from chalicelib.audit import routes as audit
from chalicelib.cart import routes as cart
from chalicelib.catalog import routes as catalog
from chalicelib.core import log
from chalicelib.core.settings import settings
from chalicelib.events import jobs as events_jobs
from chalicelib.events import routes as events
from chalicelib.favorites import routes as favorites
from chalicelib.fulfilment import routes as fulfilment
from chalicelib.health import routes as health
from chalicelib.http.app import Souk
from chalicelib.http.ports import Ports, Refusals
from chalicelib.identity import routes as identity
from chalicelib.identity import service as who
from chalicelib.inventory import routes as inventory
from chalicelib.kyc import jobs as kyc_jobs
from chalicelib.kyc import routes as kyc
from chalicelib.members import belongings_routes as member_belongings
from chalicelib.members import routes as members
from chalicelib.notifications import routes as notifications
from chalicelib.orders import jobs as orders_jobs
from chalicelib.orders import routes as orders
from chalicelib.payments import jobs as payments_jobs
from chalicelib.payments import routes as payments
from chalicelib.platform import routes as platform
from chalicelib.points import routes as points
from chalicelib.privacy import routes as privacy
from chalicelib.regions import routes as regions
from chalicelib.staff import routes as staff
from chalicelib.store import counters, cursors, idempotency, meter
from chalicelib.tenants import routes as shops
from chalicelib.tenants import service as tenants

log.set_up(settings().log_level)

app = Souk(
    "souk",
    rooms=[
        shops.routes,
        platform.routes,
        identity.routes,
        addresses.routes,
        regions.routes,
        kyc.routes,
        catalog.routes,
        inventory.routes,
        cart.routes,
        orders.routes,
        payments.routes,
        fulfilment.routes,
        points.routes,
        favorites.routes,
        members.routes,
        member_belongings.routes,
        notifications.routes,
        privacy.routes,
        events.routes,
        audit.routes,
        staff.routes,
        health.routes,
    ],
    ports=Ports(
        authenticate=who.authenticate,
        tenant=tenants.choose,
        recall=idempotency.recall,
        keep=idempotency.keep,
        limit=counters.spend,
        origins=tenants.origins,
        confirmed=who.require_confirmed,
        metering=meter.metering,
        already_done=idempotency.AlreadyDone,
        refusals=Refusals(
            token=who.TOKEN_REFUSALS,
            session=who.SESSION_REFUSALS,
            tenant=tenants.REFUSALS,
            key=(idempotency.KeyReused,),
            cursor=(cursors.CursorInvalid,),
            sensitive=who.CONFIRMATION_REFUSALS,
        ),
    ),
)

for jobs in (orders_jobs.jobs, payments_jobs.jobs, kyc_jobs.jobs, events_jobs.jobs):
    app.register_blueprint(jobs)
