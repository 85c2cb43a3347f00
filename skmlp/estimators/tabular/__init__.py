"""Networks for tables as they are, and their encoding."""
