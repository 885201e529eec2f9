"""Needs that are kept: their content, states, who sees what of them, and the wall of those that are listed."""
