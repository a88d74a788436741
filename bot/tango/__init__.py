"""The Tango Orders API: wire models, the client, and what its answers mean."""
