"""Putting a stage into an account of AWS. `operator-policy.json` is what whoever does it must be allowed."""
