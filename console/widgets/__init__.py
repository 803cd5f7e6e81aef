"""The console's widgets, one module each. May not import `intake`."""
