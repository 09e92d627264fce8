"""What the record tells was done; each with its data. Sentences: `core.i18n.sentences.actions`."""

from core.reasons import ReasonCode


class EffectKindCode(ReasonCode):
    """An effect, as a parameter of what was done with it."""

    CANCEL = "kind_cancel"
    STORNO = "kind_storno"
    ANNUL = "kind_annul"
    FULFILLMENT_CANCEL = "kind_fulfillment_cancel"
    TAG = "kind_tag"


class Action(ReasonCode):
    """One row of the audit trail. Of an effect the detail has its `kind`."""

    ALARM_CLEARED = "alarm_cleared"
    ALARM_RAISED = "alarm_raised"
    ALL_THE_SAME = "gone_on_all_the_same"  # against, why
    APPROVAL_ASKED = "approval_asked"
    APPROVAL_GIVEN = "approval_given"
    APPROVAL_REFUSED = "approval_refused"
    APPROVAL_USED = "approval_used"
    BACKUP_RESTORED = "backup_restored"
    CHOICES_CHANGED = "choices_changed"
    CONNECTION_REMOVED = "connection_removed"
    CONNECTION_SAVED = "connection_saved"
    CUSTOMER_FORGOTTEN = "customer_forgotten"
    CUSTOMER_TOLD = "customer_data_exported"
    NAMES_EXPIRED = "names_expired"
    SCANS_EXPIRED = "scans_expired"  # scans by outcome, pictures
    DEVICE_SIGNED_IN = "device_signed_in"
    DEVICE_SIGNED_OUT = "device_signed_out"
    PASSWORD_CHOSEN = "password_chosen"  # noqa: S105 (what was done, no password)
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    BADGE_MADE = "badge_made"
    BADGE_ENDED = "badge_ended"
    STATION_MADE = "station_made"  # name
    STATION_ENDED = "station_ended"  # name
    SIGN_IN_LINKED = "sign_in_linked"  # an account to another service's person
    SIGN_IN_SERVICE_SAVED = "sign_in_service_saved"
    PERSON_CHANGED = "person_changed"
    PERSON_INVITED = "person_invited"
    PROVED = "identity_confirmed"
    ROLE_CHANGED = "role_changed"
    SIGNED_IN = "signed_in"
    INVOICE_GIVEN = "invoice_given"
    FILE_EXPORTED = "file_exported"
    NAMES_SEEN = "names_seen"
    FILING_SEEN_TO = "filing_seen_to"  # storno
    INVOICE_TYPED_IN = "invoice_typed_in"
    INVOICES_IMPORTED = "invoices_imported"
    LINKED_BY_HAND = "linked_by_hand"
    NOT_A_PARCEL = "set_aside_as_no_parcel"
    PARCEL_AFTER_ALL = "parcel_after_all"
    SET_BACK_AT_SHOP = "set_back_at_shop"
    ORDERS_IMPORTED = "orders_imported"
    PARCEL_STATUS = "parcel_status"
    PARCELS_CONFIRMED = "parcels_confirmed"  # said to be here, without a scan
    PARCELS_PROPOSED = "parcels_proposed"
    PHOTO_ADDED = "photo_added"
    PILE_BEGUN = "pile_begun"
    PILE_CLOSED = "pile_closed"
    PILE_RENAMED = "pile_renamed"
    PREFERENCES_CHANGED = "preferences_changed"
    REMOVED_FROM_PILE = "removed_from_pile"
    RETURN_NUMBER_LEARNT = "return_number_learnt"
    RETURN_NUMBERS_IMPORTED = "return_numbers_imported"
    QUESTION_ANSWERED = "question_answered"
    REVERSAL_ASKED_FOR = "reversal_asked_for"
    REVERSAL_DONE = "reversal_done"
    REVERSAL_FAILED = "reversal_failed"
    REVERSAL_GIVEN_UP = "reversal_given_up"
    REVERSAL_GOES_ON = "reversal_goes_on"
    REVERSAL_NEEDS_PERSON = "reversal_needs_person"
    REVERSAL_RETRIED = "reversal_retried"
    RUN_FINISHED = "run_finished"
    RUN_PAUSED = "run_paused"
    RUN_RESUMED = "run_resumed"
    RUN_RETRIED = "run_retried"
    RUN_STARTED = "run_started"
    RUN_STOPPED = "run_stopped"
    SCAN_MATCHED_LATER = "scan_matched_later"
    SCAN_UNDONE = "scan_undone"
    SIGN_IN_FAILED = "sign_in_failed"
    WAYS_OF_PAYING_CHANGED = "ways_of_paying_changed"
    TOKEN_MADE = "token_made"  # noqa: S105 (what was done)
    WEBHOOKS_SUBSCRIBED = "webhooks_subscribed"
    EFFECT_PLANNED = "effect_planned"
    EFFECT_SENT = "effect_sent"
    EFFECT_UNKNOWN = "effect_unknown"
    EFFECT_CONFIRMED = "effect_confirmed"
    EFFECT_REFUSED = "effect_refused"
    EFFECT_HELD = "effect_held"
    EFFECT_LATE = "effect_late"
