"""Options that several commands have."""

import typer

MEANING = {
    "own": "all of it yours",
    "isolated": "this module yours, the earlier ones the reference",
    "solution": "the reference",
}


def meaning(stack: str, has_solutions: bool) -> str:
    if stack == "accelerated":
        return f"{'the reference' if has_solutions else 'yours'}, with the kernels in place"
    return MEANING[stack]


STACK = typer.Option("own", "--stack", help="whose code: own (all yours); without a name after it, the stacks that exist here.")
REFERENCE = typer.Option(None, "--reference", metavar="NN,…", help="borrow these modules from the reference.")
JSON = typer.Option(False, "--json", help="print one JSON object and nothing else.")
NO_CACHE = typer.Option(False, "--no-cache", help="run the tests even if their verdict is known.")
