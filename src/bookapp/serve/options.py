"""Hypercorn's options, read from hypercorn.toml."""

import os
import tomllib
from pathlib import Path

from hypercorn.config import Config

from bookapp.config import WrongSetting

SHIPPED = Path(__file__).with_name("hypercorn.toml")
VARIABLE = "BOOKAPP_HYPERCORN_TOML"


def options_file() -> Path:
    """The file in use: the one that BOOKAPP_HYPERCORN_TOML names, or the one that travels with the package."""
    return Path(os.environ.get(VARIABLE) or SHIPPED)


def hypercorn_options() -> Config:
    """Read the file.

    Raises WrongSetting when it cannot be read, or has a key that Hypercorn does not know (and would ignore).
    """
    path = options_file()
    try:
        keys = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise WrongSetting(f"{VARIABLE} names {path}, which cannot be read: {error}.") from error
    unknown = sorted(key for key in keys if not hasattr(Config, key))
    if unknown:
        raise WrongSetting(f"{path} has a key that Hypercorn does not know: {unknown[0]}.")
    return Config.from_mapping(keys)
