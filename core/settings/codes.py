"""Why a setting is not saved or cannot be used."""

from core.reasons import N_, ReasonCode


class SettingsCode(ReasonCode):
    """Why a setting is not saved or cannot be used."""

    ADDRESS = "settings_address", N_("The address must read like https://api.example.com.")
    NO_HTTPS = (
        "settings_no_https",
        N_("The address must begin with https://: passwords are sent to it."),
    )
    NOT_ITS_HOST = (
        "settings_not_its_host",
        N_(
            "{host} is no address of {title}'s own: {known}. If its passwords are to go there all "
            "the same, write {host} as the other host as well (Advanced; other_host in a file)."
        ),
    )
    NOT_PUBLIC_HOST = (
        "settings_not_public_host",
        N_(
            "{host} is no name that the whole internet knows, with https's own port. If {title}'s "
            "passwords are to go there all the same, write {host} as the other host as well "
            "(Advanced; other_host in a file)."
        ),
    )
    OTHER_HOST_IDLE = (
        "settings_other_host_idle",
        N_(
            "The address is at {host}, and the other host is {chosen}. Write the same in both, or "
            "leave the other host empty."
        ),
    )
    NO_CONNECTION = (
        "settings_no_connection",
        N_("There is no connection number {number}; see Settings."),
    )
    NOT_SAVED = "settings_not_saved", N_("{name} could not be saved.")
    STILL_NEEDED = (
        "settings_still_needed",
        N_(
            "Orders or invoices here belong to {name}. Switch it off instead: nothing is asked "
            "of it then, and the record stays whole."
        ),
    )
    NO_ZONE = "settings_no_zone", N_("{zone} is no time zone; write for example Europe/Bucharest.")
    NO_CURRENCY = (
        "settings_no_currency",
        N_("“{currency}” is no currency: write its three letters, for example RON or EUR."),
    )
    NO_DOCUMENT = (
        "settings_no_document",
        N_("An invoice can be reversed by storno or annulled, nothing else."),
    )
    NOTE_TOO_LONG = (
        "settings_note_too_long",
        N_("The staff note is too long: 200 characters at most."),
    )
    TWO_PEOPLE = (
        "settings_two_people",
        N_(
            "The two-person rule needs two people who may look after people and have been here: "
            "Settings, People."
        ),
    )
    OTHER_KEY = (
        "settings_other_key",
        N_(
            "The saved passwords were made with another key. Put the old {file} back into "
            "REFUZ_HOME (or set REFUZ_SECRET_KEY), or type the passwords in again in Settings."
        ),
    )
