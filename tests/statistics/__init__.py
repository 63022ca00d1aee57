"""Years and numbers."""  # noqa: A005  # never found as `statistics`: it is `tests.statistics`
