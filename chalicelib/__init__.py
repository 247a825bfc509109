"""Souk, the shop's backend. Floors: `core`, then `store` and `http`, then one package for each domain."""

__version__ = "0.1.0"
