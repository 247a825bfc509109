"""Events: who is told of what, and how they are delivered.

`subscriptions` is the whole list; the stream consumer and the dispatch job work through it.
"""
