"""Tenants: the shops that share this table. A tenant's slug begins every key of what is theirs.

Others call `service`: `choose`, `find`, `of`, `terms`, `fix_currency`, `ensure`, and read `Tenant`. The platform,
which opens and closes shops, calls `editing` and `writing` too.
"""
