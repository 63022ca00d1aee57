"""Speed, measured from outside: `make bench` writes docs/performance.md in one run. Needs wrk."""
