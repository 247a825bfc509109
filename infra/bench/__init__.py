"""Measurements that can be run again: time against a baseline of the same run, and what the store was asked for."""
