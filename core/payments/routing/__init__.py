"""Which merchant number takes which scene and amount, and which rests."""
