"""Threshold units: the perceptron rule, its blocks, its penalised form, its training."""
