"""Other systems on the same task: same listings, needs and vectors, each set up as its documentation says."""
