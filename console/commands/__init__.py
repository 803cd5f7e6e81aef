"""The typer commands, one module a noun."""
