"""Souk: one catalog, one cart, one order, one entitlement, one ledger."""
