"""When a shop is told that its space runs short. Pure.

A level is told once when usage reaches it, and again only after usage had fallen `SLACK` points below it: a shop
that deletes and sends around a threshold is not told each time.
"""

LEVELS = (80, 95, 100)
"""Per cent of the quota."""
SLACK = 5


def reached(used: int, quota: int) -> int:
    """The highest level that usage has reached; 0: none."""
    return max((level for level in LEVELS if used * 100 >= level * quota), default=0)


def told_after(told: int, used: int, quota: int) -> int:
    """What counts as told once usage is `used`: more than `told` means that a level is to be told now."""
    now = reached(used, quota)
    if now < told and used * 100 >= (told - SLACK) * quota:
        return told
    return now


def band(told: int, used: int, quota: int) -> tuple[int, int | None]:
    """The least and the most that usage may be for `told_after` to say what it says of `used`; None: no most.

    A transaction that is bounded by it needs no lock: whatever others add meanwhile, either this answer is still
    right or the transaction is refused.
    """
    bounds = [_ceiling(level * quota) for level in LEVELS]
    if told:
        bounds.append(_ceiling((told - SLACK) * quota))
    least = max((bound for bound in bounds if bound <= used), default=0)
    above = [bound for bound in bounds if bound > used]
    return least, min(above) - 1 if above else None


def _ceiling(hundredths: int) -> int:
    return -(-hundredths // 100)
