"""What every part needs: errors that a person can act on, files, other programs, the terminal."""
