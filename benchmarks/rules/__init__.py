"""What the rules cost: 1,000 pods of 20 models, every rule of the environment, a genuine Prometheus on this machine's cores.

    python -m benchmarks.rules [--pods 1000] [--models 20] [--minutes 6]

Intervals and windows are those of the environment. What is scraped are stand-ins that show every series of the real exporters. Windows
look at full history: before the start, every series that a rule reads over time gets samples as far back as its longest window, raw
ones every 15 s as they are scraped, recorded ones once a minute.
"""
