"""Favorites: products a customer wants to find again, and footprints: those they looked at.

Others read `Favorites` in a call of their own, and call `service`: `favorites_of`, `footprints_of`, `merge`.
"""
