"""Tenants: the shops that share this table. A tenant's slug begins every key of what is theirs.

Others call `service`: `find`, `of`, `ensure`, and read `Tenant`.
"""
