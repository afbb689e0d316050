"""What serving costs: APIs by the token, machines by the hour, people by the month; where they cross, and how sure that is.

`tokens` and `machines` price a month, `breakeven` finds where they cross, `uncertainty` says how sure it is, `comparison` puts an
environment or a demand together, `render` tells it; `claims` holds published figures against the same formulas.
"""
