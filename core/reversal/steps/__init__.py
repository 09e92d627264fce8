"""The steps of one reversal: cancel, reverse the invoices, tag."""
