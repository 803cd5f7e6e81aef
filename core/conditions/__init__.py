"""One language of conditions for the whole desk: read, checked against the known fields, compiled, and turned into SQL where that can be.

A condition is an expression of Python's grammar over fields such as `case.priority`. `reading` turns text into a tree within bounds,
`checking` gives every part a type, `compiling` makes a function of it and `sql` a WHERE clause. Nothing of Python can be reached from it:
only what `tree` names exists.
"""
