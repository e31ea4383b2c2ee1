"""Every kind of problem that this API answers: its slug, status, title and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem (RFC 9457): the `title` never changes, `meaning` is its page's text."""

    status: int
    title: str
    meaning: str


KINDS: Mapping[str, Kind] = {
    # The request cannot be read.
    "malformed": Kind(
        400,
        "The request cannot be read",
        "A field is missing, unknown or of the wrong kind, or a parameter or header is not as "
        "described. Each entry of `errors` points at one place and says what belongs there.",
    ),
    "bad-encoding": Kind(
        400,
        "The body is not UTF-8",
        "JSON is sent in UTF-8, without a byte order mark.",
    ),
    "bad-json": Kind(
        400,
        "The body is not JSON",
        "The body must be one JSON object as RFC 8259 has it, with nothing behind it.",
    ),
    "duplicate-key": Kind(
        400,
        "A field stands twice in one object",
        "Readers of JSON differ in which of the two they take, so neither is taken.",
    ),
    "nul-character": Kind(
        400,
        "Text holds the NUL character",
        "NUL, written out or as \\u0000, is no character of any text that we keep.",
    ),
    "lone-surrogate": Kind(
        400,
        "Text holds half a surrogate pair",
        "An escaped character above U+FFFF needs both halves of its pair.",
    ),
    "number-out-of-range": Kind(
        400,
        "A number is beyond what can be kept",
        "Whole numbers fit 64 bits with sign; NaN, Infinity and numbers that round to it are "
        "not JSON.",
    ),
    "too-deep": Kind(
        400,
        "The body is nested too deep",
        "Objects and lists nest at most 64 levels deep.",
    ),
    "idempotency-key-missing": Kind(
        400,
        "A request key is missing",
        "What changes state carries the header Idempotency-Key with a quoted text of your "
        'choice, such as "8e03978e-40d5-43e8-bc93-6894a57f9324", the same on every repeat of the '
        "same request. The header X-Request-ID with a UUID serves as well.",
    ),
    "idempotency-key-malformed": Kind(
        400,
        "The request key cannot be read",
        "An Idempotency-Key is a quoted text of 1 to 128 printable ASCII characters.",
    ),
    "page-token-damaged": Kind(
        400,
        "The page token is damaged",
        "Follow `links.next` as it was given, or begin again without `page`.",
    ),
    "resume-point-malformed": Kind(
        400,
        "The resume point cannot be read",
        "`after` and Last-Event-ID hold the sequence of the last item seen, a whole number.",
    ),
    "too-large": Kind(
        413,
        "The body is too large",
        "A body is at most 1 MiB, an import at most 256 MiB with lines of at most 1 MiB.",
    ),
    "unsupported-media-type": Kind(
        415,
        "The body's kind is not taken here",
        "Send application/json in UTF-8, without a content encoding such as gzip.",
    ),
    # The caller.
    "token-missing": Kind(
        401,
        "A token is needed",
        "Send the header Authorization: Bearer, followed by an access token.",
    ),
    "token-malformed": Kind(
        401, "The token cannot be read", "The token is no signed JWT with the claims we need."
    ),
    "token-expired": Kind(401, "The token has expired", "Fetch a new token."),
    "token-not-yet-valid": Kind(
        401, "The token is not valid yet", "Compare your clock with the issuer's."
    ),
    "token-wrong-audience": Kind(
        401, "The token is for another audience", "Ask for a token for this API."
    ),
    "token-wrong-issuer": Kind(
        401, "The token comes from another issuer", "Use the issuer that this API names."
    ),
    "token-unknown-key": Kind(
        401, "The token's key is not known", "The issuer's key set does not hold the key named."
    ),
    "token-bad-signature": Kind(
        401, "The token's signature does not hold", "The token was changed, or signed by another."
    ),
    "token-replayed": Kind(
        401, "The assertion was used before", "Each assertion serves once: make a new one."
    ),
    "scope-missing": Kind(
        403, "The token lacks the scope", "Ask for a token with the scope of this service."
    ),
    "organisation-not-allowed": Kind(
        403,
        "The token gives no right to act for this organisation",
        "The header NHSD-End-User-Organisation-ODS names one of the token's organisations, and "
        "must where there are several; the register must know it today.",
    ),
    "not-allowed": Kind(
        403,
        "You may not do this",
        "Your role, or what your organisation is to this thing, does not include this step.",
    ),
    # What is asked for.
    "not-found": Kind(
        404,
        "There is no such thing",
        "It does not exist, or it is not yours to see: the two look alike.",
    ),
    "method-not-allowed": Kind(
        405, "This cannot be done here", "The header Allow lists the methods of this address."
    ),
    "not-acceptable": Kind(
        406, "There is no answer of the kind wanted", "Ask for one of the kinds documented."
    ),
    # The domain says no.
    "refused": Kind(409, "The step is refused", "The detail says why; nothing was recorded."),
    "invalid": Kind(
        422,
        "A field means something impossible",
        "The request can be read, but a value in it does not make sense: a date in the future, "
        "a code that its list does not hold. Each entry of `errors` points at one.",
    ),
    "incomplete": Kind(
        422, "Something is missing for this step", "`missing` names each thing that is needed."
    ),
    "not-now": Kind(
        409,
        "The thing is in another state",
        "The step does not fit the state it is in now: read it again.",
    ),
    "already-exists": Kind(
        409,
        "The thing is there already",
        "`link` is its address: amend it there.",
    ),
    # What the caller relied on has changed.
    "mismatch": Kind(409, "What you relied on has changed", "Read it again and decide anew."),
    "precondition-required": Kind(
        428,
        "If-Match is needed",
        "Send If-Match with the ETag that you read, so that no change of another is lost. "
        "`*` names no version and is not taken.",
    ),
    "precondition-failed": Kind(
        412, "The version is not the current one", "Read the thing again and repeat the change."
    ),
    "idempotency-key-reused": Kind(
        422,
        "The request key was used for another request",
        "A key belongs to one request, whole: method, address, body and acting organisation. "
        "Use a new key for a new request.",
    ),
    "series-rewound": Kind(
        409,
        "The position lies beyond the newest",
        "The log was restored to an earlier day, or the number is wrong. Compare what you hold "
        "with what is here before you go on.",
    ),
    "series-gone": Kind(
        410,
        "The resume point is older than what is kept",
        "`oldest` is the first still here and `head` the newest; the archive holds the rest.",
    ),
    # Try again.
    "busy": Kind(503, "Not now, try again", "Retry-After says in how many seconds."),
    "contended": Kind(
        503, "Others kept changing the same thing", "Send the same request again, same key."
    ),
    "read-model-behind": Kind(
        503,
        "The read model has not caught up",
        "It stands at `applied` and you asked for `wanted`: ask again after Retry-After seconds.",
    ),
    "unavailable": Kind(
        503,
        "Something we need cannot be reached",
        "Database, key store or issuer. Send the same request again, with the same key: what was "
        "recorded is not recorded twice.",
    ),
    "quota-exceeded": Kind(
        429, "Too many requests", "Retry-After says in how many seconds to go on."
    ),
    # Ours to mend.
    "error": Kind(
        500, "Something went wrong here", "Nothing that you sent caused it; it has been logged."
    ),
    "broken": Kind(
        500,
        "A record cannot be trusted",
        "The service stopped rather than answer wrongly; a person must look.",
    ),
    "misconfigured": Kind(500, "The service is not set up rightly", "Its operator must look."),
}
"""By slug. Each error class of the kernel has its slug here; so has each of M5's and H16's."""
