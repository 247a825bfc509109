"""Settings: what a shop is set to beyond its looks and terms: parameters, switches, code lists.

Others call `service.storage`. A single parameter is read by `tenants.service.parameter` and `is_on`: it stands on the
tenant, which every request has in hand.
"""
