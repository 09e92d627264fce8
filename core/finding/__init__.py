"""Finds the order of a box whose bars lead nowhere, by what is printed on its label."""
