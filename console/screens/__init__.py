"""The console's screens, one module each. May not import `intake`."""
