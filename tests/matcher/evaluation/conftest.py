"""For tests of evaluation: ranx, which ours is compared with, is not compiled first."""

from __future__ import annotations

import os

# Compiling takes ranx most of a minute; 60 small rankings take it a second as they are. It asks when it is imported.
os.environ.setdefault("NUMBA_DISABLE_JIT", "1")
