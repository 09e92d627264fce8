"""Why something about people, their roles and their passwords is not done."""

from core.reasons import N_, ReasonCode


class PeopleCode(ReasonCode):
    """Why something about people, their roles and their passwords is not done."""

    LINK_USED = (
        "people_link_used",
        N_("This link was used already or is too old. Ask who looks after Refuz for a new one."),
    )
    NO_ROLE = "people_no_role", N_("There is no such role.")
    ROLE_NAME = "people_role_name", N_("Give the role a name of its own, 40 letters at most.")
    ROLE_RIGHTS = (
        "people_role_rights",
        N_("A role needs at least one right; the host's own is for nobody."),
    )
    ROLE_IN_USE = "people_role_in_use", N_("Somebody has this role: give them another one first.")
    SAY_WHO = "people_say_who", N_("Say who it is.")
    NOT_BY_YOU = (
        "people_not_by_you",
        N_("You made this account alone: somebody else must say that they know this person."),
    )
    LAST_ONE = "people_last_one", N_("Somebody must remain who looks after people.")
    NO_ACCOUNT = "people_no_account", N_("There is no such account.")
    LOGIN = (
        "people_login",
        N_("The name to sign in with: an e-mail address, or letters and digits."),
    )
    LOGIN_TAKEN = "people_login_taken", N_("There is an account of this name already.")
    PASSWORD_SHORT = (
        "people_password_short",
        N_("The password is too short: ten characters or more."),
    )
    PASSWORD_LONG = "people_password_long", N_("The password is too long: 200 characters at most.")
    PASSWORD_EASY = (
        "people_password_easy",
        N_("This password is guessed easily. Take a few words that belong to you."),
    )
    TOKEN_NAME = (
        "people_token_name",
        N_("Give the token a name that says which program uses it."),
    )
    TOKEN_RIGHTS = (
        "people_token_rights",
        N_("A token needs a right that programs may have, and an end within a year."),
    )
    NOT_TOGETHER = "people_not_together", N_("Name and password do not fit together.")
    NOT_YOURS = "people_not_yours", N_("This is not your password.")
    NO_BADGE = (
        "people_no_badge",
        N_("This badge opens nothing any more. Print a new one under Settings, My account."),
    )
    NO_STATION = (
        "people_no_station",
        N_(
            "No badge opens anything at this computer: it is no station. Sign in otherwise, or "
            "let who looks after Refuz make it one (Settings, Devices)."
        ),
    )
    STATION_NAME = "people_station_name", N_("Say where this computer stands.")
    TOO_MANY = "people_too_many", N_("Too many tries. Wait a moment, then try again.")
