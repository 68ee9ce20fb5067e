"""The penny trace: the whole life of one fen on one page, the equation of every day, and charts of what is open."""
