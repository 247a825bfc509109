"""Pricing: what a basket costs, as a pure function of (basket, rules, time). No store, no clock (B16).

Others call `service.quote`.
"""
