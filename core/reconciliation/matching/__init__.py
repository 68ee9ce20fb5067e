"""How the sides of a day find each other, in a few set-based statements."""
