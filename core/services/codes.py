"""Why a call to an outside service ended as it did, where the words are ours.

What only one kind of service says stands in that room's `codes`, or beside the service. What a
service itself says goes in as the parameter `said`, quoted as it came.
"""

from core.errors import RefuzError
from core.reasons import N_, Reason, ReasonCode


class ServiceCode(ReasonCode):
    """What may happen with any service. `title`: the service's own name; `status`: of HTTP."""

    SAID = "service_said", N_("{title}: {said}")
    ANSWERED = "service_answered", N_("{title}: answer {status}")
    UNREADABLE = "service_unreadable", N_("{title} answered {status} with something unreadable.")
    ANSWER_UNREADABLE = "service_answer_unreadable", N_("{title}'s answer could not be read.")
    ORDER_UNREADABLE = (
        "service_order_unreadable",
        N_("{title}'s answer about {name} could not be read."),
    )
    LIST_UNREADABLE = "service_list_unreadable", N_("{title}'s list could not be read.")
    CHANGES_UNREADABLE = (
        "service_changes_unreadable",
        N_("{title}'s list of changes could not be read."),
    )
    AND_MORE_UNREADABLE = "service_and_more_unreadable", N_("{why} (And {more} more.)")
    NO_REASON = (
        "service_no_reason",
        N_("{title} answered {status} and no reason: check its address in Settings."),
    )
    NO_ENTRY = "service_no_entry", N_("{title} did not let us in: check the sign-in.")
    NO_ENTRY_SAID = "service_no_entry_said", N_("{title} did not let us in: {said}.")
    NOT_TAKEN = "service_login_not_taken", N_("{title} does not take this user and password.")
    NO_SUBSCRIPTION = (
        "service_no_subscription",
        N_("{title} does not show the subscription."),
    )

    # HTTP
    WAIT = "service_wait", N_("{title} asked us to wait ({status}).")
    NOT_REACHED = "service_not_reached", N_("{title} could not be reached.")
    NOT_REACHED_IN_TIME = (
        "service_not_reached_in_time",
        N_("{title} could not be reached in time."),
    )
    CERTIFICATE = (
        "service_certificate",
        N_("{title} could not be reached: its certificate is not accepted."),
    )
    UNKNOWN_HOST = (
        "service_unknown_host",
        N_("{title} could not be reached: its address is not known on the network."),
    )
    BROKE_OFF = (
        "service_broke_off",
        N_("The connection to {title} broke before its answer was complete."),
    )
    NO_ANSWER_IN_TIME = "service_no_answer_in_time", N_("{title} did not answer in time.")
    REDIRECTED = (
        "service_redirected",
        N_("{title} sent us to another address: check its address in Settings."),
    )
    OWN_ERROR = "service_own_error", N_("{title} answered with its own error {status}.")
    TOO_MUCH = "service_too_much", N_("{title} sent far more than an answer.")
    UNSAFE_LINES = (
        "service_unsafe_lines",
        N_("{title} gave an address that is not safe to read."),
    )
    ORDER_GONE = "service_order_gone", N_("The shop does not show this order (any more).")
    LIST_BROKE_OFF = "service_list_broke_off", N_("The list from {title} broke off.")
    BADLY_WRITTEN = (
        "service_badly_written",
        N_("The address or the sign-in of {title} is not well written."),
    )
    SENT_ALREADY = "service_sent_already", N_("This was sent already.")
    NO_TIME_LEFT = "service_no_time_left", N_("There was no time left to send it.")
    CROWDED = "service_crowded", N_("Others are before it in the queue.")
    PLACE_GIVEN_UP = (
        "service_place_given_up",
        N_("Its place in the service's window was given up."),
    )


def no_entry(title: str, message: str) -> Reason:
    """The sign-in was not taken; `message` is the service's own words, or ""."""
    if message:
        return ServiceCode.NO_ENTRY_SAID.of(title=title, said=message.rstrip(". "))
    return ServiceCode.NO_ENTRY.of(title=title)


class TestCode(ReasonCode):
    """What "Test connection" tries. `title`: the service's own name."""

    __test__ = False  # no test of pytest's

    REACH = "test_reach", N_("Reach {title}")
    SIGN_IN = "test_sign_in", N_("Sign in to {title}")
    SIGN_IN_AS = "test_sign_in_as", N_("Sign in to {title} for {account}")
    SIGN_IN_AND_READ = "test_sign_in_and_read", N_("Sign in to {title} and read invoices")
    WITH_ADVICE = "test_with_advice", "{why} {advice}"


class ConnectionCode(ReasonCode):
    """What is wrong with a connection as it is set up."""

    IS_SET_UP = "connection_is_set_up", N_("Read how the connection is set up")
    UNKNOWN_SERVICE = (
        "connection_unknown_service",
        N_("Nothing here speaks to {service}; known: {known}."),
    )
    OTHER_KIND = "connection_other_kind", N_("{name} is of the kind {kind}, not {kind2}.")
    WRONG_FIELD = "connection_wrong_field", "{title}: {why}"
    WRONG_SETTING = (
        "connection_wrong_setting",
        N_("{title}: a field is not filled in as it must be. Look at its fields in Settings."),
    )
    FILL_IN = "connection_fill_in", N_("{title}: fill in “{label}” in Settings.")
    NO_NUMBER = "connection_no_number", N_("{name} must be a number, not {text}.")
    NOT_ABOVE_0 = "connection_not_above_0", N_("{name} must be a number above 0, not {text}.")


class WrongField(RefuzError):
    """Raised by a module's `make`: a field of its form is written wrongly; the reason says how."""

    def __init__(self, reason: Reason) -> None:
        """Why, with what stands there."""
        self.reason = reason
        super().__init__(str(reason))
