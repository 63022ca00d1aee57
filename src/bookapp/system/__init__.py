"""What an operator and a client ask of the instance itself: health, metrics, its interface, its settings."""
