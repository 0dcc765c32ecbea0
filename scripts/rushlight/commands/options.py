"""Options that several commands have."""

import typer

STACK = typer.Option("own", "--stack", help="whose code: own (all yours), isolated (this module yours, earlier ones the reference), solution (the reference), or accelerated (the reference with the kernels in place; yours where there is none).")
REFERENCE = typer.Option(None, "--reference", metavar="NN,…", help="borrow these modules from the reference.")
JSON = typer.Option(False, "--json", help="print one JSON object and nothing else.")
NO_CACHE = typer.Option(False, "--no-cache", help="run the tests even if their verdict is known.")
