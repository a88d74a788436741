"""The workers: the dispatcher with its pace, and retention."""
