"""Many people after one e-mail address, on a real database."""

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from chalicelib.errors import EmailTaken
from chalicelib.users.model import User
from chalicelib.users.storage.tables import USERS_TABLE, UserRow
from tests.support.shop import Shop

THREADS = 32
EMAIL = "somebody.popular@example.com"


def test_of_32_registrations_of_an_address_in_different_letter_case_one_succeeds(dynamodb_shop: Shop):
    wiring = dynamodb_shop.wiring
    together = Barrier(THREADS)
    # The first request makes the connection; made before the race, it is not what the race waits for.
    assert wiring.users.repository.find_by_email(EMAIL) is None

    def register(number: int) -> User | None:
        case = random.Random(number)
        email = "".join(case.choice((letter.lower(), letter.upper())) for letter in EMAIL)
        together.wait()
        try:
            return wiring.users.accounts.register(f"Person {number}", email, f"password {number}")
        except EmailTaken:
            return None

    with ThreadPoolExecutor(THREADS) as pool:
        registered = [user for user in pool.map(register, range(THREADS)) if user]

    assert len(registered) == 1
    winner = registered[0]
    assert wiring.users.repository.find_by_email(EMAIL) == winner
    assert wiring.users.accounts.login(EMAIL, winner.name.replace("Person", "password"))
    rows = wiring.platform.database.bind(UserRow, USERS_TABLE).scan(UserRow.password_hash.exists())
    assert [int(row.id) for row in rows] == [winner.id]


def test_of_32_logouts_of_a_session_one_succeeds(dynamodb_shop: Shop):
    wiring = dynamodb_shop.wiring
    user = wiring.users.accounts.register("Ann", EMAIL, "correct horse")
    session = wiring.users.tokens.session(wiring.users.tokens.refresh(user))

    with ThreadPoolExecutor(THREADS) as pool:
        ended = list(
            pool.map(lambda _: wiring.users.sessions.revoke(session, wiring.runtime.clock()), range(THREADS))
        )

    assert sum(ended) == 1
