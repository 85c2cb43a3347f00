"""What networks and perceptrons both need: rules, data, targets, messages, callbacks."""
