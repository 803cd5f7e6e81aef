"""Calendars: when a desk is open, and how much of that time lies between two moments.

The value and its sums are pure; only `loading` knows a database. Moments are microseconds since 1970, UTC.
"""
