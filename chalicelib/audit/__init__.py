"""Audit: what the staff did, who did it, and proof that nobody changed the record since.

The entries are written by `store.acts`; `chain.link` is for the stream and the job; `chain.faults` for `verify`.
"""
