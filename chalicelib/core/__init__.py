"""Floor 1: clock, ids, money, errors, settings, log, text. Knows nothing above itself."""
