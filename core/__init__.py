"""The rules of the desk: what may happen, and what follows. May import `data`; opens no socket, file or terminal."""
