"""Regions: the provinces, cities and districts of mainland China, as data that ships with the bundle.

Others call `service.find` and read a `Division`. Nothing here asks the store.
"""
