"""Evaluation: how much the product finds, and calls by mistake, on labelled pictures and packs."""
