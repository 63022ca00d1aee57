"""bookapp with limits that nobody reaches: what is behind them is to be asked, not they."""

import sys

from quart import Quart

from bookapp import app
from bookapp.config import Settings, load_settings
from bookapp.serve.run import serve
from bookapp.web import rates

HOW_OFTEN = 1_000_000


def create_app(settings: Settings) -> Quart:
    """Make the application as ever, after raising every limit."""
    for rate in vars(rates).values():
        if isinstance(rate, rates.Rate):
            object.__setattr__(rate, "most", HOW_OFTEN)
    return app.create_app(settings)


if __name__ == "__main__":
    sys.exit(serve(load_settings(), lambda: print("ready", flush=True), app="tests.checks.generous:create_app"))
