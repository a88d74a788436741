"""Pure functions that build what is seen on the screen."""
