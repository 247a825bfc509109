"""Health: whether this process stands, and whether it can do its work.

Nobody else calls it.
"""
