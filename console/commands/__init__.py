"""The command tree, one module a noun. This is the composition root: it may import every layer, `intake` too.

What a module imports at its top is paid by its noun alone; what opens a desk is imported by the function that needs it.
"""
