"""Sentences of what an import tells about a file, a row or a cell, each with its remedy."""

from core.i18n.sentences import N_, Sentence

SENTENCES: dict[str, Sentence] = {
    "import_too_large": N_("This file is larger than {limit} MB. Split it."),
    "import_too_large_unpacked": N_("This file is too large once unpacked. Save it as CSV."),
    "import_empty": N_("This file is empty. Export it again."),
    "import_no_rows": N_("This file has no rows below its first line. Export it again."),
    "import_too_many_rows": N_("This file has more than {limit} rows. Split it."),
    "import_old_excel": N_("This is an old Excel file. Save it as XLSX or CSV, and import that."),
    "import_no_table": N_("This file is neither CSV nor XLSX. Export it again as one of them."),
    "import_no_csv": N_("Line {line} of this file is no CSV. Export it again."),
    "import_damaged_xlsx": N_("This XLSX file is damaged. Save it again, or as CSV."),
    "import_no_result": N_(
        "Line {line} has a formula without its result. Open the file in a spreadsheet program, "
        "save it, and import it again."
    ),
    "import_no_column": N_("No column holds the {column}. Found: {found}."),
    "import_column_gone": N_("This file has no column named {column}."),
    "import_same_column": N_("Two columns are called “{column}” and differ. Rename one of them."),
    "import_no_report": N_(
        "This is not a courier report we can read. A row must name a column AWB, and a column "
        "Status or AWB retur."
    ),
    "import_reader_ended": N_("This file ended its reader. Save it again as CSV, and import that."),
    "import_reader_too_slow": N_("This file takes too long to read. Split it, or save it as CSV."),
    "import_reader_too_large": N_("This file needs too much memory. Split it, or save it as CSV."),
    "import_other_sheet": N_(
        "The sheet “{sheet}” with {count} rows was not read. Import it as a file of its own."
    ),
    "import_too_many_columns": N_(
        "The columns after the {limit}th were not read. Leave out what is not needed."
    ),
    "import_beyond_columns": N_(
        "“{value}” stands behind the last column. Put the cell with a comma in quotes, or give "
        "the column a name."
    ),
    "import_parted_amount": N_(
        "“{value}” may be one amount that its comma parted. Put such cells in quotes, or part the "
        "cells by semicolons."
    ),
    "import_no_order_name": N_("There is no order number in it."),
    "import_long_order_name": N_("“{value}” is too long for an order number."),
    "import_no_tracking": N_("It has no tracking number. Write the AWB, or leave the row out."),
    "import_not_tracking": N_("“{value}” is no tracking number. Write the AWB alone."),
    "import_lost_digits": N_(
        "“{value}” has lost its digits in the spreadsheet. Format that column as text and "
        "export it again."
    ),
    "import_no_total": N_("It has no total. Write what is due, for example 149.90."),
    "import_not_amount": N_("“{value}” is no amount. Write 149.90."),
    "import_ambiguous_amount": N_(
        "“{value}” may be one amount or a thousand times it. Write two decimals: 149.90."
    ),
    "import_amount_out_of_range": N_("“{value}” is no amount of an order. Write 149.90."),
    "import_not_currency": N_("“{value}” is no currency. Write RON or EUR."),
    "import_not_date": N_("“{value}” is no date. Write 2026-11-20 or 20.11.2026."),
    "import_day_or_month": N_(
        "“{value}” may be two days. Say whether the day or the month comes first."
    ),
    "import_issued_ahead": N_(
        "“{value}” is a day that is still to come. Look at its year, and which is the month."
    ),
    "import_not_quantity": N_("“{value}” is no quantity. Write a whole number."),
    "import_unknown_payment": N_(
        "“{value}” is not a way of paying we know; the order is taken as paid. Write cod or "
        "prepaid if it is not."
    ),
    "import_not_invoice": N_("“{value}” is no invoice. Write smartbill:CVZ:0042."),
    "import_no_invoice_service": N_(
        "“{value}” does not say at which service the invoice is. Choose it in the form, or "
        "write it like smartbill:CVZ:0042."
    ),
    "import_not_return_number": N_("“{value}” is no return number. Write the number itself."),
    "import_no_status": N_("There is neither a status nor a return number in it."),
    "import_unknown_status": N_("“{value}” is not a status we know; it is shown as it came."),
    "import_unknown_state": N_(
        "“{value}” is not a state of an order we know; the order is taken as an open one."
    ),
    "import_listed_state": N_(
        "“{value}”: the order is taken, and held until a person has looked at it."
    ),
    "import_other_total": N_("Order {order} has another total in a line above."),
    "import_other_customer": N_("Order {order} has another customer in a line above."),
    "import_sum_row": N_("This is the sum below a list, no order."),
    "import_other_paper": N_("“{value}”: this row is no invoice that stands, it was left out."),
    "import_unknown_paper": N_(
        "“{value}” is no kind of document we know. Write invoice, storno or proforma."
    ),
    "import_row_of_refused_order": N_(
        "Order {order} was not taken because of another of its rows, line {other}. Correct "
        "that one."
    ),
    "import_other_at_shop": N_(
        "The shop's own order {order} has another total and other parcels. Look whether this list "
        "is of this shop."
    ),
    "import_tracking_of_another": N_(
        "{value} is the parcel of order {other}. Write that order's number."
    ),
    "import_invoice_of_another": N_("Invoice {value} belongs to another order already."),
    "import_invoice_incomplete": N_(
        "An invoice needs a service (smartbill, oblio, fgo, stripe) and a number."
    ),
    "import_several_orders": N_(
        "Several orders of the shop are called {value}. Write the invoice or the AWB on the order "
        "itself, in the shop."
    ),
    "import_no_such_order": N_("There is no order {value}."),
    "import_no_such_parcel": N_("No parcel has the number {value}."),
    "import_several_parcels": N_("Several orders have the number {value}. Link it by hand."),
}
