"""Proof on the shop's own data: fold a whole table and show the first thing that does not add up."""
