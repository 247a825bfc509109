"""Notifications: what a customer is told, how they want to be told, and the channels by which codes leave.

Consumers of order, refund and code events write and send here; clients read `/v1/me/notifications`. Who sends by
another channel asks `preferences.of` and `preferences.goes_at`, and `devices.push_tokens`.
"""
