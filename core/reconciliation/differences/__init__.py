"""The work list: what does not agree, who looks after it, what was said of it."""
