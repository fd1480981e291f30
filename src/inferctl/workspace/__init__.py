"""Files -> settings and desired endpoints: which files, what they say, within which bounds."""
