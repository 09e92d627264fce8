"""Kinds of file a spreadsheet comes as: separated text, workbooks, tables in markup."""
