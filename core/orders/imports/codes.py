"""Why a row, a cell or a file was not taken as it stands."""

from core.errors import RefuzError
from core.i18n.reasons import sentence
from core.reasons import Reason, ReasonCode


class ImportCode(ReasonCode):
    """What an import tells; the sentences say what to do."""

    # a whole file
    TOO_LARGE = "import_too_large"
    TOO_LARGE_UNPACKED = "import_too_large_unpacked"
    EMPTY = "import_empty"
    NO_ROWS = "import_no_rows"
    TOO_MANY_ROWS = "import_too_many_rows"
    OLD_EXCEL = "import_old_excel"
    NO_TABLE = "import_no_table"
    NO_CSV = "import_no_csv"
    DAMAGED_XLSX = "import_damaged_xlsx"
    NO_RESULT = "import_no_result"
    NO_COLUMN = "import_no_column"
    COLUMN_GONE = "import_column_gone"
    SAME_COLUMN = "import_same_column"
    NO_REPORT = "import_no_report"
    OTHER_SHEET = "import_other_sheet"
    READER_ENDED = "import_reader_ended"
    READER_TOO_SLOW = "import_reader_too_slow"
    READER_TOO_LARGE = "import_reader_too_large"
    TOO_MANY_COLUMNS = "import_too_many_columns"

    # a cell
    NO_ORDER_NAME = "import_no_order_name"
    LONG_ORDER_NAME = "import_long_order_name"
    NO_TRACKING = "import_no_tracking"
    NOT_TRACKING = "import_not_tracking"
    LOST_DIGITS = "import_lost_digits"
    NO_TOTAL = "import_no_total"
    NOT_AMOUNT = "import_not_amount"
    AMBIGUOUS_AMOUNT = "import_ambiguous_amount"
    AMOUNT_OUT_OF_RANGE = "import_amount_out_of_range"
    NOT_CURRENCY = "import_not_currency"
    NOT_DATE = "import_not_date"
    ISSUED_AHEAD = "import_issued_ahead"
    DAY_OR_MONTH = "import_day_or_month"
    NOT_QUANTITY = "import_not_quantity"
    UNKNOWN_PAYMENT = "import_unknown_payment"
    NOT_INVOICE = "import_not_invoice"
    NO_INVOICE_SERVICE = "import_no_invoice_service"
    NOT_RETURN_NUMBER = "import_not_return_number"
    NO_STATUS = "import_no_status"
    UNKNOWN_STATUS = "import_unknown_status"
    UNKNOWN_STATE = "import_unknown_state"
    LISTED_STATE = "import_listed_state"
    BEYOND_COLUMNS = "import_beyond_columns"
    PARTED_AMOUNT = "import_parted_amount"

    # a row against others, or against what is known
    OTHER_TOTAL = "import_other_total"
    OTHER_CUSTOMER = "import_other_customer"
    SUM_ROW = "import_sum_row"
    OTHER_PAPER = "import_other_paper"
    UNKNOWN_PAPER = "import_unknown_paper"
    ROW_OF_REFUSED_ORDER = "import_row_of_refused_order"
    OTHER_AT_SHOP = "import_other_at_shop"
    TRACKING_OF_ANOTHER = "import_tracking_of_another"
    INVOICE_OF_ANOTHER = "import_invoice_of_another"
    INVOICE_INCOMPLETE = "import_invoice_incomplete"
    SEVERAL_ORDERS = "import_several_orders"
    NO_SUCH_ORDER = "import_no_such_order"
    NO_SUCH_PARCEL = "import_no_such_parcel"
    SEVERAL_PARCELS = "import_several_parcels"


class ImportNote(RefuzError):
    """Something that was not taken as it stands, with its place in the file.

    `line` (0: the whole file), `column` (our name, "" for the whole row) and `value` as written.
    `taken` is True where the rest of the row went in all the same. As a text: the English sentence.
    """

    def __init__(
        self, reason: Reason, *, line: int = 0, column: str = "", value: str = "",
        taken: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(reason.code)
        self.reason, self.line, self.column = reason, line, column
        self.value, self.taken = value, taken

    def __reduce__(self) -> tuple[object, ...]:
        """Whole through a reader process."""
        place = {"line": self.line, "column": self.column, "value": self.value}
        return type(self), (self.reason,), {**place, "taken": self.taken}

    def __str__(self) -> str:
        """The English sentence, for logs and the command line."""
        return sentence(self.reason)

    def at(self, line: int) -> "ImportNote":
        """The same, told of a line."""
        return ImportNote(
            self.reason, line=line, column=self.column, value=self.value, taken=self.taken
        )  # fmt: skip


class TableError(ImportNote):
    """The file cannot be imported at all; the reason says what to do."""


def not_understood(
    code: ImportCode, column: str = "", value: str = "", **more: str | int
) -> ImportNote:
    """A cell that was not understood: the reason names the value (shortened)."""
    short = value if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]}…"
    return ImportNote(Reason.of(code, value=short, **more), column=column, value=value)


def refused(code: ImportCode, **parameters: str | int) -> TableError:
    """A file that cannot be imported."""
    return TableError(Reason.of(code, **parameters))


LONGEST_SHOWN = 60
