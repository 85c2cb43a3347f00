"""Trainings written to a file and taken up again; nothing in a file can run code."""
