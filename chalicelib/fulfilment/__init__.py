"""Fulfilment: how each kind of line reaches its buyer.

Orders call the strategies in `kinds` (`hold`, `deliver`, `release`); customers read their deliveries here.
"""
