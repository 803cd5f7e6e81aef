"""Benchmarks: each module measures one promise and returns rows with our figure, the peer or limit of the same run, and the ratio."""
