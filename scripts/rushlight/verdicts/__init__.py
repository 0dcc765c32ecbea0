"""From a saved file to the word on the board. docs/verdicts.md tells the way on one page."""
