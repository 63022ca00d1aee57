"""Hypercorn's options, read from hypercorn.toml."""

import tomllib
from pathlib import Path

from hypercorn.config import Config

from bookapp.config import Settings, WrongSetting

SHIPPED = Path(__file__).with_name("hypercorn.toml")


def hypercorn_options(settings: Settings) -> Config:
    """Read the file that BOOKAPP_HYPERCORN_TOML names, or the one that travels with the package.

    Raises WrongSetting when it cannot be read, or has a key that Hypercorn does not know (and would ignore).
    """
    path = settings.hypercorn_toml or SHIPPED
    try:
        keys = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise WrongSetting(f"BOOKAPP_HYPERCORN_TOML names {path}, which cannot be read: {error}.") from error
    unknown = sorted(key for key in keys if not hasattr(Config, key))
    if unknown:
        raise WrongSetting(f"{path} has a key that Hypercorn does not know: {unknown[0]}.")
    return Config.from_mapping(keys)
