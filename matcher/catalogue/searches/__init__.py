"""Searches: what somebody looked for, kept on the server so that its words stand in no address and in no log."""
