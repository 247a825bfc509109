"""Payments: attempts to pay an order, the providers behind them, and what their callbacks do to the order.

Chapters: `starting`, `callbacks`, `settling`, `closing`, `refunds`, `reading`, `channels` (what a shop offers) and
`channel_editing`; one adapter a file in `providers`.
"""
