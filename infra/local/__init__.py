"""The shop on one machine: the same app, table, clock and stream, without an AWS account."""
