"""The Tango Orders API: the client, the wire models, the rules, and the outcomes of an attempt."""
