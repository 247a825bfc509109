"""Members: the shop's customers and staff as staff see and keep them: profile, level, tags, access, duplicates.

Nobody calls them but the front door and events: `levels.count_order` hears of completed orders.
"""
