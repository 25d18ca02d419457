"""Pictures as files: single ones, folders of numbered ones, and those that move."""
