"""The router against an oracle."""
