"""Speed of PilotMatch and of other systems' hybrid search, measured in one run."""
