"""Which agent gets which work: the board, the choice and its explanation, offers and what becomes of them."""
