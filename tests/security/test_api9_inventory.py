"""API9:2023 Improper Inventory Management: what answers is what is documented, and nothing else does.

That the list of routes is whole is in test_api5_function_level_authorization.py.
"""

import pytest

from tests.support.served import Served

FORGOTTEN = (
    "/admin", "/debug", "/metrics", "/actuator/health", "/swagger.json", "/graphql", "/v1/orders", "/v2/orders",
    "/api/orders", "/internal", "/test", "/.env", "/.git/config", "/config.json", "/backup.zip", "/server-status",
    "/phpinfo.php", "/console", "/users", "/users/1", "/users/me/../1", "/orders/../users", "/stores/1/../../health",
    "/health/../orders", "/ORDERS", "/orders.json", "/%6frders", "/orders%2f1",
)  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_there_is_nothing_at_addresses_that_others_forget_about(served: Served, method: str):
    for path in FORGOTTEN:
        answer = served.send(f"{method} {path} HTTP/1.1\nHost: x\nContent-Length: 0\nConnection: close\n")
        assert answer.status in (401, 404), path
        assert answer.headers["content-type"] == "application/problem+json"
