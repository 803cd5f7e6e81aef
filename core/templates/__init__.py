"""Templates: texts with places that are filled from a case, in the language of the conditions.

`lexing` cuts a text into tags, `parsing` checks what stands in them, `template` makes a function of it. `markdown` turns what was written
into plain text and HTML, and `letter` joins all that to a mail in the customer's language. Nothing of Python can be reached
from a template, since its expressions are those of `core.conditions`.
"""
