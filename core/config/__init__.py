"""The configuration document: its schema, reading it with line numbers, the plan of changes, writing it back."""
