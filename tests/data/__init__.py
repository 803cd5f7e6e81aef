"""The tables, the journal and the two databases."""
