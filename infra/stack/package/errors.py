"""The one error of packaging, for whoever reads the message."""


class NotPackaged(Exception):
    """No package could be built; the message says why and what to do."""
