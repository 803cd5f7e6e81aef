"""How the world gets in and answers get out: mail today. May import `core` and `data`."""
