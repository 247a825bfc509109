"""Payments: attempts to pay an order, the providers behind them, and what their callbacks do to the order.

Chapters: `starting`, `callbacks`, `settling`, `closing`, `refunds`, `reading`; one adapter a file in `providers`.
"""
