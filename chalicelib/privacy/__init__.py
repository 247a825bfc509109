"""Privacy: what the shop holds of a person, given to them, and taken away when they leave.

Asks every domain that holds something (`holders`); nobody calls it.
"""
