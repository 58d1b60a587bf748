"""What the page asks about models: their versions, metrics, cards; and the way back."""
