"""Notifications: what a customer is told, kept where they can read it, and the channels by which codes leave.

Consumers of order, refund and code events write and send here; clients read `/v1/me/notifications`.
"""
