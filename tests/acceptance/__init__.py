"""The product from outside: real servers and a real engine process, driven by actions only."""
