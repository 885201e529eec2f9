"""Files of listings coming in: read, recognised, checked row by row, held against what is known, and only then applied.

`reading.read_table` → `previewing.preview` → (a person decides) → `plan.apply_plan`. Nothing here writes anything.
"""
