"""The commands: flags in, exit code out. What they do is in the other rooms."""
