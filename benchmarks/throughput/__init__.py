"""How well the band of `blueprint/throughput` holds measured rows, and what its plausibility gate flags.

    python -m benchmarks.throughput [--rows FILE] [--format text|json]

`--rows` is a CSV with the columns of `throughput.csv` here, which is scored if it is left out. Per row:

  band   is the measured throughput between the low and the high that would have been printed without it? Rows of a closed loop,
         of all requests at once, and of an open loop (where no server does more than it is asked) are told apart. Chats sent at
         once empty the batch at the end of the run (`burst.py`)
  gate   is it over what bandwidth, arithmetic or memory allow? Flags on rows whose `plausibility` is empty are false alarms

Besides, every point of a server with several is left out once and interpolated from the others, as measured input would be.
"""
