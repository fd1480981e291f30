"""What a credential is, where the values of secrets come from, and the type that keeps them out of every text."""
