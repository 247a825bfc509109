"""The platform: all shops, as its owner sees them. It opens, configures, suspends and ends them.

No domain calls it. The tool that exports and deletes shops (`infra/tools/tenant.py`) calls `ending`.
"""
