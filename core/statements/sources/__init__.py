"""One module for each file that core can read; a plugin's sources register through the same hook."""
