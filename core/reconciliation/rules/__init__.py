"""What finance ordered for what numbers alone cannot match."""
