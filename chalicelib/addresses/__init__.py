"""Addresses: where a customer's parcels may go.

Others call `service.book_ref`, read `AddressBook` in a call of their own, and `find` an `Address` in it.
"""
