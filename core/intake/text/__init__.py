"""Printed text of labels: cut out, turned upright, read by RapidOCR in a reader process."""
