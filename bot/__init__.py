"""Kudos: rewards, their rules, the use cases, the queue worker and the Tango client."""
