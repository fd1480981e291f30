"""What a CI job does around one run: it runs the command, then tells the forge what came of it."""
