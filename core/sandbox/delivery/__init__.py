"""How the outside world tells merchants: one queue and one postman for every channel."""
