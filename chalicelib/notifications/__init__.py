"""Notifications: what a customer is told, how they want to be told, and where it reaches them.

Consumers of order and refund events write messages; clients read `/v1/me/notifications`. Who sends by another
channel asks `preferences.of` and `preferences.goes_at`, and `devices.push_tokens`; `Inbox` says how many are unread.
"""
