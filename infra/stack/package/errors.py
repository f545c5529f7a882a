"""The one error of packaging; its message is for people."""


class NotPackaged(Exception):
    """No package could be built; the message says why and what to do."""
