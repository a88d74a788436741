"""The workers: the dispatcher with its pace, retention, and the shift of all that one bot does on duty."""
