"""Telling people and other systems: what fits a saved need, by message, e-mail and signed webhook."""
