"""Texts of documents: shaped, drawn, written and edited."""
