"""The installation as staff of the platform see it: jobs, timers, undelivered events, circuit breakers, metrics.

Nobody else calls it. It is of all shops together, and shows numbers alone, of no shop and no person.
"""
