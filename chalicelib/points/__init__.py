"""Points: what a customer has of them, and every entry that made it so.

Others read `PointsAccount` in a call of their own, and call `service`: `post`, `merge`, `of`, `entries`.
"""
