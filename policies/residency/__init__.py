"""Rules on where data may be."""
