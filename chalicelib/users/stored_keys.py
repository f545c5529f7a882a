"""The signing keys of a deployed stage, which Secrets Manager keeps."""

import logging
import threading
from typing import TYPE_CHECKING

from chalicelib.errors import Unavailable
from chalicelib.platform.aws import AwsService
from chalicelib.platform.retry import Retry
from chalicelib.platform.runtime import Runtime
from chalicelib.platform.signing_keys import SigningKeys

if TYPE_CHECKING:
    from chalicelib.platform.settings import Settings

CONNECT_SECONDS = 0.5
READ_SECONDS = 2.0
DEADLINE_SECONDS = 2.0
# After so long every function knows keys that were put there meanwhile; docs/operations.md builds on it.
GOOD_FOR_SECONDS = 300.0

logger = logging.getLogger(__name__)


class StoredKeys:
    """Reads the keys when they are first needed, and again every few minutes.

    So they are rotated without a deployment. Once they were read, Secrets Manager may be away.

    Args:
        settings: gives region and endpoint, and where the keys are.
        runtime: gives time and retries.
    """

    def __init__(self, settings: "Settings", runtime: Runtime) -> None:
        self._arn = settings.jwt_secret_arn
        self._now = runtime.monotonic
        self._secrets = AwsService(
            "secretsmanager",
            settings,
            Retry(runtime),
            connect_seconds=CONNECT_SECONDS,
            read_seconds=READ_SECONDS,
            deadline_seconds=DEADLINE_SECONDS,
        )
        self._lock = threading.Lock()
        self._keys: SigningKeys | None = None
        self._good_until = 0.0

    def current(self) -> SigningKeys:
        """Return the keys.

        Raises:
            Unavailable: they were never read yet, and cannot be read now.
        """
        with self._lock:
            if self._keys is None or self._now() >= self._good_until:
                self._keys = self._read_or_keep(self._keys)
                self._good_until = self._now() + GOOD_FOR_SECONDS
            return self._keys

    def _read_or_keep(self, known: SigningKeys | None) -> SigningKeys:
        try:
            answer = self._secrets.call("get_secret_value", SecretId=self._arn)
            return SigningKeys.parse_object(answer.get("SecretString", ""))
        except (Unavailable, ValueError) as error:
            # None of these errors holds the secret: the service's never do, and ours quotes nothing.
            logger.warning("The signing keys could not be read: %s", error)
            if known is None:
                # What is wrong with them is for the log alone.
                raise Unavailable("The signing keys cannot be read.") from error
            return known
