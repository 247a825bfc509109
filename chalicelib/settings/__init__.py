"""Settings: what a shop is set to beyond its looks: parameters and switches, code lists, ways to pay.

Others call `service.storage`, `payment_channels.check` and `payment_channels.offered`. A parameter itself is read by
`tenants.service.parameter` and `is_on`: it stands on the tenant, which every request has in hand.
"""
