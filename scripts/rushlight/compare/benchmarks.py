"""The benchmarks of gradients at hook points: all of them, the critical ones, those of parameters, and their shapes.

Their names, results and defaults are those of TransformerLens' benchmarks/backward_gradients.py, with eight defects of it
mended: what was hooked is cleaned up on every path; a severed gradient does not pass for a small one; the lists that
excuse a difference are empty unless a policy is named; a name that one side lacks is a difference; what is excluded and
does not exist is not counted; what is not finite has to stand in the same places; every parameter needs a gradient.
"""

import traceback
from functools import wraps
from typing import Any, Callable, Iterable, Optional

from .model import Model, ModelError, Run
from .policy import STRICT, Policy, named_hooks
from .result import BenchmarkResult, BenchmarkSeverity
from .tensors import compare_scalars, compare_tensors, difference, is_vacuous, without_batch_axis
from .trace import Tensor

INFO, WARNING, DANGER = BenchmarkSeverity.INFO, BenchmarkSeverity.WARNING, BenchmarkSeverity.DANGER
SAMPLES = 5


def benchmark(name: str) -> Callable:
    """Turns exceptions into results, and cleans both models up whatever happened."""

    def decorate(function: Callable) -> Callable:
        @wraps(function)
        def guarded(model: Model, inputs: Any = None, reference: Optional[Model] = None, **options: Any) -> BenchmarkResult:
            models = [each for each in (model, reference) if each is not None]
            try:
                result = function(model, inputs, reference, **options)
            except Exception as error:  # whatever a model throws is a result
                result = error_result(name, error)
            for each in models:
                try:
                    each.clean_up()
                except Exception as error:
                    result = error_result(name, error)
            return result

        return guarded

    return decorate


def error_result(name: str, error: Exception) -> BenchmarkResult:
    own = isinstance(error, ModelError)
    details = {
        "error_type": error.error_type if own else type(error).__name__,
        "error_message": str(error),
        "trace": error.trace if own else "".join(traceback.format_tb(error.__traceback__)).strip(),
    }
    return BenchmarkResult(name, BenchmarkSeverity.ERROR, f"Failed: {error}", details, passed=False)


@benchmark("backward_hooks")
def benchmark_backward_hooks(
    model: Model,
    inputs: Any = None,
    reference: Optional[Model] = None,
    policy: Policy = STRICT,
    atol: Optional[float] = None,
    rtol: Optional[float] = None,
) -> BenchmarkResult:
    """The gradient at every hook point, against the reference's; without one, how many were captured."""
    ours = model.run(inputs)
    if reference is None:
        return _captured("backward_hooks", ours.gradients)
    theirs = reference.run(inputs)
    names = dict.fromkeys([*_in_use(theirs), *_in_use(ours)])
    return _compare("backward_hooks", list(names), ours.gradients, theirs.gradients, policy, atol, rtol)


@benchmark("critical_backward_hooks")
def benchmark_critical_backward_hooks(
    model: Model,
    inputs: Any = None,
    reference: Optional[Model] = None,
    policy: Policy = STRICT,
    atol: Optional[float] = None,
    rtol: Optional[float] = None,
) -> BenchmarkResult:
    """The same of the twelve hook points that stand for all. Here a comparison that could not fail is a failure, too."""
    ours = model.run(inputs)
    critical = named_hooks("critical")
    if reference is None:
        return _captured("critical_backward_hooks", [name for name in critical if name in ours.gradients])
    theirs = reference.run(inputs)
    names = [name for name in critical if name in _in_use(theirs) or name in _in_use(ours)]
    return _compare("critical_backward_hooks", names, ours.gradients, theirs.gradients, policy, atol, rtol, critical=True)


def _in_use(run: Run) -> list[str]:
    """The registry without what never fires by design; what fired and left no gradient stays in."""
    return [name for name in run.hooks if name not in run.silent]


def _captured(name: str, found: Any) -> BenchmarkResult:
    if not found:
        return BenchmarkResult(name, DANGER, "No gradients were captured", passed=False)
    return BenchmarkResult(name, INFO, f"Captured {len(found)} gradients", {"captured": len(found)})


def _compare(
    name: str,
    names: list[str],
    ours: Any,
    theirs: Any,
    policy: Policy,
    atol: Optional[float],
    rtol: Optional[float],
    critical: bool = False,
) -> BenchmarkResult:
    atol, rtol = policy.atol if atol is None else atol, policy.rtol if rtol is None else rtol
    excluded = [each for each in names if each in policy.excluded]
    tested = [each for each in names if each not in policy.excluded]
    missing_model = [each for each in tested if each not in ours]
    missing_reference = [each for each in tested if each not in theirs]
    common = [each for each in tested if each in ours and each in theirs]
    outcomes = {each: compare_tensors(*without_batch_axis(ours[each], theirs[each]), atol, rtol, each) for each in common}
    mismatches = {each: result for each, result in outcomes.items() if not result.passed}
    acceptable = [each for each in mismatches if policy.accepts(each, critical) and _values_alone_differ(ours[each], theirs[each])]
    vacuous = [each for each in common if each not in mismatches and is_vacuous(theirs[each], atol)]
    severe = [each for each in mismatches if each not in acceptable] + missing_model + missing_reference
    details: dict[str, Any] = {
        "matching_hooks": len(common) - len(mismatches),
        "tested_hooks": len(tested),
        "excluded": len(excluded),
        "abs_tolerance": atol,
        "rel_tolerance": rtol,
    }
    if vacuous:
        details |= {"vacuous": len(vacuous), "vacuous_hooks": vacuous[:SAMPLES]}
    if missing_model or missing_reference:
        details |= {"missing_model": missing_model, "missing_reference": missing_reference}
    if mismatches:
        samples = [f"{each}: {result.message}" for each, result in mismatches.items()][:SAMPLES]
        details |= {"total_hooks": len(tested), "mismatches": len(mismatches), "sample_mismatches": samples}
    if not tested:
        return BenchmarkResult(name, DANGER, "Nothing was compared", details, passed=False)
    if severe or (critical and vacuous):
        return BenchmarkResult(name, DANGER, _complaint(mismatches, missing_model, missing_reference, vacuous), details, passed=False)
    if mismatches:
        message = f"{len(mismatches)}/{len(tested)} hooks differ, all of them where the policy {policy.name} accepts it"
        return BenchmarkResult(name, WARNING, message, details)
    return BenchmarkResult(name, INFO, f"All {len(common)}/{len(tested)} hooks match within tolerance", details)


def _values_alone_differ(ours: Tensor, theirs: Tensor) -> bool:
    """Another shape, or numbers that are not finite elsewhere, are never acceptable."""
    a, b = without_batch_axis(ours, theirs)
    return a.shape == b.shape and difference(a, b).same_mask


def _complaint(mismatches: Any, missing_model: list[str], missing_reference: list[str], vacuous: list[str]) -> str:
    parts = [
        (len(mismatches), "hooks differ"),
        (len(missing_model), "have no gradient in the model"),
        (len(missing_reference), "have none in the reference"),
        (len(vacuous), "are VACUOUS: gradients too small for this tolerance to tell from zero"),
    ]
    return ", ".join(f"{count} {words}" for count, words in parts if count)


@benchmark("gradient_computation")
def benchmark_gradient_computation(
    model: Model,
    inputs: Any = None,
    reference: Optional[Model] = None,
    policy: Policy = STRICT,
    atol: float = 1e-3,
) -> BenchmarkResult:
    """A loss that the reference has too, and a gradient for every parameter."""
    ours = model.run(inputs)
    without = [name for name, gradient in ours.parameters.items() if _is_without(gradient, policy, name)]
    if without or not ours.parameters:
        message = f"{len(without)}/{len(ours.parameters)} parameters have no gradient" if without else "There are no parameters"
        return BenchmarkResult("gradient_computation", DANGER, message, {"parameters": without}, passed=False)
    details: dict[str, Any] = {"parameters": len(ours.parameters)}
    if reference is None:
        return BenchmarkResult("gradient_computation", INFO, "Gradients computed successfully", details)
    theirs = reference.run(inputs)
    if ours.loss is None or theirs.loss is None:
        return BenchmarkResult("gradient_computation", DANGER, "There is no loss to compare", details, passed=False)
    losses = compare_scalars(ours.loss, theirs.loss, atol, "loss")
    details |= losses.details
    if not losses.passed:
        return BenchmarkResult("gradient_computation", WARNING, losses.message, details)
    return BenchmarkResult("gradient_computation", INFO, "Gradients computed successfully", details)


def _is_without(gradient: Optional[Tensor], policy: Policy, name: str) -> bool:
    """No gradient at all; or zeros, unless that is what symmetry makes of it (then it is there, and small)."""
    if gradient is None:
        return True
    return not policy.is_structural_zero(name) and all(x == 0 for x in gradient.values)


@benchmark("hook_structure")
def benchmark_hook_structure(
    model: Model, inputs: Any = None, reference: Optional[Model] = None, keywords: Optional[Iterable[str]] = None
) -> BenchmarkResult:
    """Hook points exist, fire and have the right shapes; what the numbers are is not asked."""
    chosen = list(keywords) if keywords is not None else named_hooks("structure")
    ours = model.run(inputs)
    theirs = reference.run(inputs) if reference is not None else ours
    names = [each for each in _in_use(theirs) if any(word in each for word in chosen)]
    absent = [each for each in names if each not in ours.hooks]
    silent = [each for each in names if each in ours.hooks and each not in ours.gradients]
    shapes = [
        f"{each}: {ours.gradients[each].shape} vs {theirs.gradients[each].shape}"
        for each in names
        if each in ours.gradients and each in theirs.gradients and ours.gradients[each].shape != theirs.gradients[each].shape
    ]
    details = {"hooks": len(names), "absent": absent, "silent": silent, "shape_mismatches": shapes[:SAMPLES]}
    if not names or absent or silent or shapes:
        message = f"{len(absent)} hooks are absent, {len(silent)} did not fire, {len(shapes)} have another shape"
        return BenchmarkResult("hook_structure", DANGER, message if names else "No hook was found", details, passed=False)
    return BenchmarkResult("hook_structure", INFO, f"All {len(names)} hooks exist, fire and have their shapes", {"hooks": len(names)})
