"""How a network is trained; knows no scikit-learn, never prints and never warns."""
