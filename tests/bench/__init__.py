"""`make bench`: how fast the bot is, measured beside what it is compared with, in the same run.

`python -m tests.bench` measures everything, prints it as tables and keeps them in BENCHMARKS.md; with `--only` or
`--quick` it prints alone.
"""
