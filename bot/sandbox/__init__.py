"""Stand-ins for Tango and for a Slack workspace. They import nothing of the product."""
