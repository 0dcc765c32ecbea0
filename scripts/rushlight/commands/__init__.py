"""The commands: each reads its arguments, asks the package that does the work, and shows the answer."""
