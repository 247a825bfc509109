"""Message templates: the words of every message, by message, channel and language; a shop's own, else the usual ones.

`messages` declares what there is, `forms` what each channel takes, `filling` puts values in, `reading` renders,
`editing` is for staff.
"""
