"""Trains with the modules, and shows what came of it."""
