"""An issuer that answers an empty key set for a minute, then errors, while strangers send tokens
with key names of their own: good tokens stay good, and the issuer is left in peace."""

import asyncio
import itertools
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Iterator
from datetime import date

from shared.kernel.clock import SettableClock
from shared.kernel.errors import NotAuthenticated
from shared.security.http_client import FetchFailed
from shared.security.jwks import UNKNOWN_KEY_PAUSE, Keys
from shared.security.tokens import TokenVerifier
from tests.shared.security.issuing import AUDIENCE, EC_KEY, ISSUER, NOW, Hand, Issuer, token

STRANGERS = 200
"""Tokens with an unknown key name, each second."""
EMPTY, FAILING = 60, 60
"""Seconds."""


class Counted(Issuer):
    """Notes when it was asked."""

    def __init__(self, hand: Hand) -> None:
        super().__init__(EC_KEY, life=45)
        self._hand = hand
        self.times: list[float] = []

    async def __call__(self):
        self.times.append(self._hand())
        return await super().__call__()


def verifier(keys: Keys) -> TokenVerifier:
    def kind_of(code: str, day: date) -> str:
        return "trust"

    return TokenVerifier(
        keys, issuer=ISSUER, audience=AUDIENCE, clock=SettableClock(NOW), kind_of=kind_of
    )


async def second(tokens: TokenVerifier, strange: Iterator[int]) -> Counter[str]:
    """What the askers of one second are told: two hundred strangers, and five of ours, one of them
    with a token that was never seen before."""
    ours = [token()] * 4 + [token(jti=next(strange))]
    _, *rest = ours[0].split(".")
    heads = (b'{"alg":"ES256","kid":"strange-%d"}' % next(strange) for _ in range(STRANGERS))
    theirs = [".".join((urlsafe_b64encode(head).decode().rstrip("="), *rest)) for head in heads]
    asked = (*ours, *theirs)
    told = await asyncio.gather(*(tokens.principal(one) for one in asked), return_exceptions=True)
    return Counter(
        one.slug if isinstance(one, NotAuthenticated) else type(one).__name__ for one in told
    )


async def test_good_tokens_stay_good_and_the_issuer_is_left_in_peace():
    hand, strange = Hand(), itertools.count()
    issuer = Counted(hand)
    keys = Keys(issuer, monotonic=hand)
    tokens = verifier(keys)
    await tokens.principal(token())
    issuer.rotate()
    for past in range(EMPTY + FAILING):
        hand.at += 1
        if past == EMPTY:
            issuer.failing = FetchFailed()
        told = await second(tokens, strange)
        assert told == {"Principal": 5, "token-unknown-key": STRANGERS}, past
    # The first look for a strange name comes at once, so that a rotation drops no valid request.
    apart = [late - early for early, late in itertools.pairwise(issuer.times[1:])]
    assert apart
    assert min(apart) >= UNKNOWN_KEY_PAUSE
    await keys.close()
