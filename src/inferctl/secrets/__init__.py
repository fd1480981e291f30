"""Where secret values come from, and the type that keeps them out of every text."""
