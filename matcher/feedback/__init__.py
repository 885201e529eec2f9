"""What requesters do with answers, and what may be learnt from it.

Pure mathematics:

shown.py          one answer as it was shown, and what was done with it
swaps.py          a small share of answers with two neighbours exchanged at random
propensity.py     how likely a place is looked at, from those exchanges
worth.py          the worth of a pair, corrected for where it was shown
interleaving.py   two rankings in one list, and which of them is preferred
sequential.py     when enough has been seen to say so
likeness.py       how alike two rankings are
simulation.py     requesters whose wishes are known, to test all of it

At work:

impressions.py    an answer as it is kept, without anything of who asked
presenting.py     what a requester is shown: swaps, interleaving, the answer's id
recording.py      answers written down behind those who wait for them
experimenting.py  the experiments of one process: matchers, shadows
tending.py        experiments counted and ended in the background
lessons.py        what stored feedback teaches
"""
