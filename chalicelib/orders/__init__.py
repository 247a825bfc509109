"""Orders: what a customer asked for, at which price, and where it stands.

Chapters: `states` (the machine), `placing`, `closing`, `settling`, `shipping`, `reading`.
Payments call `settling` and `closing`; nobody else changes an order.
"""
