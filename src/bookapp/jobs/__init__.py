"""Jobs: long work that outlives a request, done step by step, told how far it is, stopped and taken up again."""
