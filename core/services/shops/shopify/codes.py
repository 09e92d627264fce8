"""Why something at Shopify is as it is. `said`: Shopify's own words."""

from core.reasons import N_, ReasonCode


class ShopifyCode(ReasonCode):
    """Why a call ended as it did."""

    NO_ENTRY = (
        "shopify_no_entry",
        N_("Shopify did not let us in: check the token or the app's id and secret."),
    )
    NO_SIGN_IN = (
        "shopify_no_sign_in",
        N_("Give a token, or the client ID and the client secret, in Settings."),
    )
    UNKNOWN_APP = (
        "shopify_unknown_app",
        N_("Shopify does not know this app's id and secret, or the app is not installed."),
    )
    NO_TOKEN = "shopify_no_token", N_("Shopify gave no token.")
    FROZEN = "shopify_frozen", N_("The shop is frozen: its plan has to be paid first.")
    NO_SHOP = (
        "shopify_no_shop",
        N_("There is no such shop, or not this API version: check the shop's address in Settings."),
    )
    LOCKED = "shopify_locked", N_("Shopify has locked the shop.")
    NO_STATUS = "shopify_no_status", N_("Shopify answered {status}, which says nothing.")
    CHECK_ADDRESS = (
        "shopify_check_address",
        N_("Shopify answered {status}: check the shop's address."),
    )
    NO_DATA = "shopify_no_data", N_("Shopify answered without data.")
    SLOWER = "shopify_slower", N_("Shopify asked us to slow down.")
    MAY_NOT = "shopify_may_not", N_("Shopify does not allow this app to do it. {said}")
    NOT_UNDERSTOOD = (
        "shopify_not_understood",
        N_("Shopify does not understand the request. {said}"),
    )
    ERROR = "shopify_error", N_("Shopify answered with an error. {said}")
    LIST_DAMAGED = "shopify_list_damaged", N_("Shopify's list of orders is damaged.")
    LIST_OUT_OF_ORDER = (
        "shopify_list_out_of_order",
        N_("Shopify's list of orders is out of order."),
    )
    NOT_ALL_PARCELS = (
        "shopify_not_all_parcels",
        N_("{title} does not show all parcels of {name}."),
    )
    TOO_MANY_AT_ONCE = (
        "shopify_too_many_at_once",
        N_("More than 25,000 orders changed at {moment}."),
    )
    NEITHER = "shopify_neither", N_("Shopify accepted nothing and refused nothing.")
    STOCK_BY_HAND = "shopify_stock_by_hand", N_("Shopify takes stock back by hand only.")
    FULFILLMENT_STANDS = (
        "shopify_fulfillment_stands",
        N_("Shopify does not show the fulfillment as cancelled."),
    )
    NOT_TAGGED = "shopify_not_tagged", N_("Shopify does not show what it tagged.")
    JOB_FAILED = "shopify_job_failed", N_("Shopify could not cancel it. {said}")
    HTTPS_ONLY = (
        "shopify_https_only",
        N_("Shopify sends only to an address that begins with https://."),
    )
    SECRET_FIRST = (
        "shopify_secret_first",
        N_(
            "Type in the client secret and save first: without it nobody can tell whether a "
            "message is really the shop's."
        ),
    )


class ShopifyTest(ReasonCode):
    """What "Test connection" tries and finds."""

    SIGN_IN = "test_shopify_sign_in", N_("Sign in to {name}, API {version}")
    READ_ORDER = "test_shopify_read_order", N_("Read an order")
    PROTECTED = (
        "test_shopify_protected",
        N_(
            "Switch on Protected customer data access (name, address, phone, e-mail) in the app's "
            "API access at Shopify; a custom app made in the admin needs a plan above Basic."
        ),
    )
    SEE_CUSTOMER = "test_shopify_see_customer", N_("See the customer's name, phone and e-mail")
    HIDDEN = (
        "test_shopify_hidden",
        N_("Shopify does not show this app: {names}. Refuz works without. {advice}"),
    )
    ADD_SCOPE = (
        "test_shopify_add_scope",
        N_("Add it to the app's scopes at Shopify and install the app again."),
    )
    ORDERS = "test_shopify_orders", N_("Read and cancel orders")
    NO_ORDERS = "test_shopify_no_orders", N_("The scope write_orders is missing. {advice}")
    PARCELS = "test_shopify_parcels", N_("See parcels")
    NO_PARCELS = (
        "test_shopify_no_parcels",
        N_(
            "The app cannot see fulfillments, so shipped orders would look as if they had no "
            "parcel. The scope {missing} is missing. {advice}"
        ),
    )
    SOME_PARCELS = (
        "test_shopify_some_parcels",
        N_("Parcels of other fulfillment services need {missing}."),
    )
    OLD_ORDERS = "test_shopify_old_orders", N_("See orders older than 60 days")
    NO_OLD_ORDERS = (
        "test_shopify_no_old_orders",
        N_("The scope read_all_orders is missing; Shopify gives it on request. {advice}"),
    )
    FULFILLMENTS = "test_shopify_fulfillments", N_("Cancel fulfillments")
    NO_FULFILLMENTS = (
        "test_shopify_no_fulfillments",
        N_(
            "Only needed if the preference for it is on: the scope "
            "write_merchant_managed_fulfillment_orders is missing."
        ),
    )
