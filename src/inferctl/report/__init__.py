"""Plans and outcomes for people and programs: one view of them, as text, JSON or Markdown."""
