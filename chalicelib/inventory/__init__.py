"""Inventory: how many of a SKU there are, and for whom they are held.

Others call `service`: `open_stock`, `reserve`, `deduct`, `release`, `retake`, and read `Stock`.
"""
