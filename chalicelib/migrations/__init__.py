"""Migrations: what the table holds brought into the shape that the code writes, step by step, and back.

`versions` is the whole list; `fit.faults` says whether code and data go together; `running.work` is what the job and
the operator's command do alike. The other domains know nothing of it.
"""
