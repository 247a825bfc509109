"""Identity: who somebody is, how they prove it, how long that lasts, and what their roles allow.

Others call `service.authenticate` (the front door does) and `bootstrap.ensure_first_admin`, and read
`roles.ROLES`.
"""
