"""Backup and restore, for operators: the table, one shop of it, files and configuration. Never in the bundle."""
