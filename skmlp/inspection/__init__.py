"""Pictures of a training, and a test that finds its learning rate."""
