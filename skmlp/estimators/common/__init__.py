"""What networks and perceptrons both need: rules for arguments, data, targets, callbacks."""
