"""Staff: which roles there are, who holds them, and what a member of staff finds in the menu.

Who signs in and what a role allows at the door is `identity`; others call nothing here.
"""
