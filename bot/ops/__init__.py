"""What an operator uses: console commands, the check of an installation, logs."""
