"""Who races: each module has ``train(case, n_epochs)``, which returns the last epoch's loss.

All train the same network on the same data with Adam, the same penalty, the same batch size and
the same distribution of first weights, from float64 arrays as users have them. A competitor that
learns nothing returns None.
"""
