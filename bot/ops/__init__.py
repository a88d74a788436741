"""The operator's tools: console commands, the check of an installation, logs."""
