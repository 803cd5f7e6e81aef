"""The registry of everything that a person, a rule or a program can do."""
