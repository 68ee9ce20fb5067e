"""How the outside world misbehaves when told to: for one order, one merchant number, or by chance for everyone."""
