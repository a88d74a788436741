"""What runs by itself: the dispatcher with its pace, and retention."""
