"""Tables of people: accounts, roles, sessions, ways to sign in, approvals."""

from sqlalchemy import Column, Integer, String, Table, Text

from core.store.parts import metadata, own_id, part_index, ref
from core.store.types import Json, UtcDateTime

people = Table(
    "people",
    metadata,
    own_id(),
    Column("login", String(120), nullable=False, unique=True),  # in small letters
    Column("name", String(80), nullable=False),
    Column("role", String(40), nullable=False),
    Column("password_hash", Text, nullable=False, default=""),
    Column("issuer", String(200), nullable=False, default=""),
    Column("subject", String(200), nullable=False, default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("made_by", Integer),  # the person who alone made its way in; null: nobody alone
    part_index("uq_people_subject", "issuer", "subject", unique=True, where="subject <> ''"),
)

roles = Table(  # the shop's own, beside those of `core.rights.ROLES`
    "roles",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("rights", Json, nullable=False),
)

# The other service that signs people in: none or one row. `secrets`: sealed.
sign_in_services = Table(
    "sign_in_services",
    metadata,
    own_id(),
    Column("settings", Json, nullable=False),
    Column("secrets", Text, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
)

# A browser, a phone or a program that was let in. `rights`: a program's, null for people.
sessions = Table(
    "sessions",
    metadata,
    own_id(),
    Column("kind", String(12), nullable=False),
    Column("name", String(120), nullable=False),
    Column("person", String(80), nullable=False),
    ref("person_id", "people", nullable=True),
    Column("scope", String(12), nullable=False),
    Column("rights", Json),
    ref("pile_id", "piles", nullable=True),
    Column("station_id", Integer),  # at which a badge signed on
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("address", String(60), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime),
    Column("proved_at", UtcDateTime),  # when a password or passkey was shown last
    Column("ends_at", UtcDateTime, nullable=False),
    Column("signed_out_at", UtcDateTime),
)

# WebAuthn credentials. `credential_id`, `public_key`, `user_handle`: base64url without "=".
passkeys = Table(
    "passkeys",
    metadata,
    own_id(),
    ref("person_id", "people"),
    Column("credential_id", String(1400), nullable=False, unique=True),
    Column("public_key", Text, nullable=False),
    Column("user_handle", String(100), nullable=False),
    Column("sign_count", Integer, nullable=False),
    Column("name", String(80), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

# A browser at which badges sign people on.
stations = Table(
    "stations",
    metadata,
    own_id(),
    Column("name", String(80), nullable=False),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("made_by", Integer),  # the person; null: before there were accounts
    Column("made_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
)

# A printed barcode by which a person signs on at a shared station.
badges = Table(
    "badges",
    metadata,
    own_id(),
    ref("person_id", "people"),
    Column("code_hash", String(64), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
)

# What was asked of a browser and is answered once: a passkey's challenge, another service's state.
challenges = Table(
    "challenges",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("kind", String(20), nullable=False),
    ref("person_id", "people", nullable=True),
    Column("context", Json, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

pairings = Table(
    "pairings",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("person", String(80), nullable=False),
    ref("person_id", "people", nullable=True),
    Column("scope", String(12), nullable=False),
    ref("pile_id", "piles", nullable=True),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

# A one-time link by which a person chooses a password; without a person: the first owner.
invitations = Table(
    "invitations",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    ref("person_id", "people", nullable=True),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

sign_in_tries = Table(
    "sign_in_tries",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
)

# What waits for another person's yes; `digest` is of exactly what will be done.
approvals = Table(
    "approvals",
    metadata,
    own_id(),
    Column("kind", String(40), nullable=False),
    Column("subject", String(160), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("detail", Json, nullable=False),
    Column("asked_name", String(80), nullable=False),
    ref("asked_by", "people", nullable=True),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    ref("given_by", "people", nullable=True),
    Column("given_name", String(80), nullable=False, default=""),
    Column("given_at", UtcDateTime),
    Column("refused_at", UtcDateTime),
    Column("used_at", UtcDateTime),
    part_index(
        "uq_approvals_open",
        "kind",
        "digest",
        unique=True,
        where="used_at IS NULL AND refused_at IS NULL",
    ),
)
