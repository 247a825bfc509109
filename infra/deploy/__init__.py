"""Bringing a release to a stage. `lock` keeps two deployers from doing so at once."""
