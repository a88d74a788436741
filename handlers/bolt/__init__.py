"""Between Bolt and the listeners: payloads in, answers out, and what every listener works with."""
