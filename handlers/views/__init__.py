"""Pure functions that build messages and forms, and every sentence in them."""
