"""The foundation: what every room needs and that knows neither HTTP nor a feature."""
