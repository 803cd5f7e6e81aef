"""Tables, transactions, the journal, the change feed and migrations; SQLite and PostgreSQL differ only in here.

May import nothing of deskline's other packages. Importing the package itself loads no library: each module names what it needs.
"""
