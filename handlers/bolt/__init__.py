"""Between Bolt and the listeners: payloads in, answers out, and the desk that every listener works with."""
