"""A client's day: computed, closed, reopened, told."""
