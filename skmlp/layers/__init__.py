"""Kinds of layers: what each computes, its derivative beside it."""
