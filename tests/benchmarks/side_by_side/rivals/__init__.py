"""Each rival's hybrid search, in the set-up that ranked best in `tests.benchmarks.quality`, kept on disk and opened."""
