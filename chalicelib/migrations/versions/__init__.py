"""Every migration, in the order of their numbers. A new one is a file here and a line below.

One that ran somewhere is never edited again: what is to be changed is the next migration's.
"""

from chalicelib.migrations.model import Migration
from chalicelib.migrations.versions import m0001_removed_orders

MIGRATIONS: tuple[Migration, ...] = (m0001_removed_orders.MIGRATION,)
