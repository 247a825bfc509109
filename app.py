"""The bundle's entry: mounts every route, job and stream handler; nothing else."""

from chalicelib.core import log
from chalicelib.core.settings import settings
from chalicelib.http.app import Souk
from chalicelib.http.ports import Ports, Refusals
from chalicelib.identity import service as who
from chalicelib.store import counters, cursors, idempotency, meter
from chalicelib.tenants import service as tenants

DOMAINS = (
    "tenants",
    "settings",
    "platform",
    "migrations",
    "identity",
    "addresses",
    "regions",
    "kyc",
    "media",
    "catalog",
    "inventory",
    "cart",
    "orders",
    "payments",
    "fulfilment",
    "points",
    "favorites",
    "members",
    "notifications",
    "privacy",
    "events",
    "audit",
    "staff",
    "system",
    "health",
)
"""Whose routes are mounted."""
MORE_ROOMS = (
    "chalicelib.members.belongings_routes",
    "chalicelib.notifications.template_routes",
    "chalicelib.payments.channel_routes",
    "chalicelib.settings.dictionary_routes",
)
"""Of domains with more than one room of them."""
WITH_JOBS = ("orders", "payments", "kyc", "media", "events", "migrations")

log.set_up(settings().log_level)

app = Souk(
    "souk",
    rooms=[*(f"chalicelib.{domain}.routes" for domain in DOMAINS), *MORE_ROOMS],
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

for domain in WITH_JOBS:
    app.mount_jobs(f"chalicelib.{domain}.jobs")
