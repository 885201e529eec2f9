"""What requesters do with answers, and what may be learnt from it: pure mathematics, without database or HTTP.

shown.py         one answer as it was shown, and what was done with it
swaps.py         a small share of answers with two neighbours exchanged at random
propensity.py    how likely a place is looked at, from those exchanges
worth.py         the worth of a pair, corrected for where it was shown
interleaving.py  two rankings in one list, and which of them is preferred
sequential.py    when enough has been seen to say so
simulation.py    requesters whose wishes are known, to test all of it
"""
