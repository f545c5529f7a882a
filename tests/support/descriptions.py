"""botocore's descriptions of the AWS services, read once for all sessions of a process.

Reading them takes a hundred milliseconds for each new client, longer than most tests.
"""

from functools import cache

from botocore.loaders import Loader, create_loader
from botocore.session import Session


def share_descriptions(session: Session) -> None:
    """Let the session use what others have read; for `botocore.register_initializer`."""
    session.register_component("data_loader", _loader())


@cache
def _loader() -> Loader:
    return create_loader()
