"""The errors that Refuz raises itself, each in the room that raises it.

RefuzError
├── ImportNote                  Something that was not taken as it stands, with its place in the …
│   └── TableError              The file cannot be imported at all; the reason says what to do
│       └── ReportError         The file is no courier report; the reason says what to do
├── UserError                   A sentence for a person that says what is wrong and what to do
│   ├── NotDelivered            An alarm was not taken; it is told again later
│   │   └── RefusedAsItIs       The receiver takes messages, and not this one
│   ├── NothingToRun            No parcel of the pile can run; the message says what to do
│   │   └── HeldByJudge         The judge holds the order back; `may_waive`: a person may go…
│   ├── AccountError            The account cannot be made or changed like this; the message says …
│   ├── AnswerError             An answer that cannot be taken; the message says why
│   ├── ApprovalError           The yes cannot be given; the message says why
│   ├── BadgeRefused            The badge opens nothing; the message says what to do
│   ├── DiskFull                The disk is almost full; nothing was written
│   ├── HistoryError            The file is no history; the message says what to do
│   ├── LinkRefused             The link opens nothing; the message says what to do
│   ├── MailError               The digest could not be sent; the message says what to do
│   ├── MustWait                Too many failures lately; `seconds` until the next try is looked at
│   ├── NoSuchPile              The pile of a scan does not exist
│   ├── NotAllowed              The actor lacks the right; the message says whom to ask
│   ├── NotProved               Too long ago that they showed who they are; the message says what …
│   ├── OpenIdRefused           Another service's word is not taken; the message says what to do
│   ├── PairingRefused          The token opens nothing; the message says what to do
│   ├── PasskeyRefused          The passkey is not taken; the message says what to do
│   ├── PictureError            The file cannot be used; the message says what to do
│   ├── PictureRefused          The picture was not taken; the message says what to do
│   ├── Problem                 A call that cannot be done; the sentence goes to the person who …
│   ├── SandboxError            The sandbox did not start; the message says why
│   ├── SecretsError            The stored secrets cannot be read with this home's key; the …
│   ├── ServiceRefused          The other service cannot be set up like this; the message says …
│   ├── SignInRefused           Name and password do not fit, or the account has ended; the …
│   ├── SlotTakenError          Another worker is at it already; the message says what to do
│   ├── StampError              no time stamp of the record (RFC 3161)
│   ├── StillNeeded             Orders, invoices or effects belong to this connection; the …
│   ├── StillUnderWay           An order of the customer is being processed; the message says what …
│   ├── StoreError              The database cannot be used as it is; the message says what to do
│   ├── TokenError              The token cannot be made like this; the message says why
│   ├── UnknownService          No file speaks to this service; the message names those that exist
│   ├── UnsafeAddress           The address cannot be used; the message says how to write it
│   ├── WeakPassword            The password cannot be taken; the message says why
│   └── WrongSetting            A setting of a connection is missing or no number; the message …
├── Busy                        Every process of the pool is at work, and the caller would not …
├── CannotRead                  A reading ended early; `outcome` says why, the message is for …
├── CourierSilent               A courier did not answer; the message is for people
├── DocumentTakenError          Another order's reversal has an effect on this document (rule 1)
├── JobFailed                   The reader process gave no result; `failure` says why
├── NoAnswer                    No answer from this service; `why` says why
├── NotANumber                  A part of the field is no tracking number
├── NotAnswered                 There was no whole answer; the message is one word of why
├── OpenedHere                  The server's process was about to open a picture or a workbook; a …
├── OvertakenError              This pass is not the reversal's any more: another one began, or …
├── Stale                       Raised by a fence: this request must not be sent any more
├── TooLate                     The time for the whole request was over before its first byte …
├── UnknownName                 The network knows no such host
├── UnreadableOrder             An order object without a field that every order has
├── WaitsForAnother             Nothing was done: another person must say yes first; `ask` writes …
├── WrongAddress                REFUZ_PUBLIC_URL or REFUZ_TRUSTED_PROXIES cannot be understood; …
├── WrongField                  A field of a service's form is written wrongly; the reason says how
└── WrongProvider               The other service cannot be used, or what it says does not hold; …

`UserError` and what is below it is meant for a person: its text is a sentence that says what to do,
and pages, routes and the command line show it. Nothing else is ever shown: a page logs it under a
number and shows that. The sandbox is the outside world and has errors of its own.
"""

from core.reasons import CommonCode, Reason, ReasonCode, Value


class RefuzError(Exception):
    """The base of every error of ours: what is none of these is a fault in the program."""


class UserError(RefuzError):
    """A sentence for a person that says what is wrong and what to do."""

    def __init__(self, why: Reason | ReasonCode | str, /, **parameters: Value) -> None:
        """`why`: a reason, or a code with its parameters.

        A text is English for the command line and the sandbox alone: nobody translates it.
        """
        if isinstance(why, ReasonCode):
            why = why.of(**parameters)
        self.reason = why if isinstance(why, Reason) else CommonCode.PLAIN.of(text=why)
        super().__init__(str(self.reason))


class TooLate(RefuzError):
    """The time for the whole request was over before its first byte could be written."""
