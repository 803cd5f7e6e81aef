"""Webhooks, as their sender: where a name leads (addresses) and one call that cannot be turned against the own network (call)."""
