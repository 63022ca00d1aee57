"""Books by their barcode: one ISBN looked up, many put on a shelf at once."""
