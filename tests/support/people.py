"""People with accounts."""

from chalicelib.identity import Role
from chalicelib.users.model import User
from chalicelib.wiring import Wiring
from tests.support.shop import START


def bearer(wiring: Wiring, user_id: int = 7, role: Role = Role.CUSTOMER) -> dict[str, str]:
    """Return the header with which a user of this id sends a request."""
    user = User(user_id, "Ada", f"user{user_id}@example.com", "hash", START, role)
    return {"Authorization": f"Bearer {wiring.users.tokens.access(user)}"}
