"""The one judge: whether an order may be cancelled and its invoices reversed (rule 12).

Card, pile, command line, messages of the shop, retries and proposals ask it.
"""
