"""Notifications: what a customer is told, kept where they can read it.

Consumers of order and refund events write here; clients read `/v1/me/notifications`.
"""
