"""KYC: who a customer is, shown by papers and looked at by staff.

Others call `service`: `is_verified`, and `erase_closed` when an account is closed.
"""
