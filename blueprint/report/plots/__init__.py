"""The report's charts, one function each: from results of sizing, capacity and cost to a `Chart`."""
