"""Who runs a tool: for records that people read, not for any decision."""

import getpass


def name() -> str:
    """The account's name on this machine; a container may have none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "nameless"
