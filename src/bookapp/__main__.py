"""`python -m bookapp` is the `bookapp` command."""

from bookapp.cli import main

main(prog_name="bookapp")
