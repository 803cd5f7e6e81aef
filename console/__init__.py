"""Everything a person touches: the commands and the screens. Commands are the composition root and may import anything."""
