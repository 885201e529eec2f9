"""Who wants to hear of what, what they were told, and what waits to be sent outside."""
