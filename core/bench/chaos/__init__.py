"""The chaos drill: live traffic, processes killed at random, an outside world that lies; afterwards every fen must be where it belongs."""
