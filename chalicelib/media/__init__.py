"""Files: sent by clients straight to S3 under a signed address, checked there, counted to the byte.

Others call `attaching` (a picture that is in use, addresses of public files), `erasing` (who has left) and `accounting`
(the alarm when the space runs short).
"""
