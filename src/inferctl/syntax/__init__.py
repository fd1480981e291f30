"""YAML and JSON with places: documents that models read, findings that point at a line."""
