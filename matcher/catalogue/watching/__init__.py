"""What becomes of a published profile: figures of its answers, alarms, rolling back, and who is seen how much.

counting.py      counts in memory, of one process    flushing.py       into the database, and forgetting
latency.py       buckets and their quantiles         figures.py        the figures of a profile in a time
thresholds.py    when an alarm rings                 comparing.py      figures before and after against thresholds
alarms.py        ringing, rolling back, reading      record.py         what each publication did
concentration.py Gini and the share of the first     exposure.py       a month by operator and region
months.py        months that are over, in the ledger
"""
