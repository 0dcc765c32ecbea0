"""The benchmarks beside those of gradients: outputs, hooks of the forward pass, what they do, and weights."""

import math
from collections.abc import Mapping
from typing import Any, Optional

from .benchmarks import DANGER, INFO, WARNING, benchmark
from .model import Model, Run
from .policy import STRICT, Policy, named_hooks
from .result import BenchmarkResult, BenchmarkSeverity
from .tensors import compare_activation_dicts, compare_scalars, compare_tensors, difference, is_vacuous
from .trace import Tensor

LOGITS = "unembed.hook_out"
EFFECT = 1e-6  # what silencing a head has to do to the loss at least
LEVELS = ((1e-1, "critical"), (1e-3, "high"), (1e-4, "medium"), (0.0, "low"))


def _skipped(name: str, why: str) -> BenchmarkResult:
    return BenchmarkResult(name, BenchmarkSeverity.SKIPPED, why)


def _logits(name: str, model: Model, inputs: Any, reference: Optional[Model], atol: float, rtol: float) -> BenchmarkResult:
    ours = model.run(inputs).activations[LOGITS]
    if reference is None:
        return BenchmarkResult(name, INFO, "Logits computed successfully", {"shape": ours.shape})
    return compare_tensors(ours, reference.run(inputs).activations[LOGITS], atol, rtol, name)


@benchmark("forward_pass")
def benchmark_forward_pass(
    model: Model, inputs: Any = None, reference: Optional[Model] = None, atol: float = 1e-3, rtol: float = 3e-2
) -> BenchmarkResult:
    return _logits("forward_pass", model, inputs, reference, atol, rtol)


@benchmark("logits_equivalence")
def benchmark_logits_equivalence(
    model: Model, inputs: Any = None, reference: Optional[Model] = None, atol: float = 3e-2, rtol: float = 3e-2
) -> BenchmarkResult:
    return _logits("logits_equivalence", model, inputs, reference, atol, rtol)


@benchmark("loss_equivalence")
def benchmark_loss_equivalence(
    model: Model, inputs: Any = None, reference: Optional[Model] = None, atol: float = 1e-3
) -> BenchmarkResult:
    loss = model.run(inputs).loss
    if loss is None or not math.isfinite(loss):
        return BenchmarkResult("loss_equivalence", DANGER, f"The loss is {loss}", passed=False)
    if reference is None:
        return BenchmarkResult("loss_equivalence", INFO, f"Loss computed successfully: {loss:.6f}")
    theirs = reference.run(inputs).loss
    return compare_scalars(loss, math.nan if theirs is None else theirs, atol, "loss_equivalence")


@benchmark("forward_hooks")
def benchmark_forward_hooks(
    model: Model, inputs: Any = None, reference: Optional[Model] = None, policy: Policy = STRICT
) -> BenchmarkResult:
    ours = model.run(inputs)
    if reference is None:
        return BenchmarkResult("forward_hooks", INFO, f"Captured {len(ours.activations)} activations", {"captured": len(ours.activations)})
    theirs = reference.run(inputs)
    kept = [_without(run.activations, policy) for run in (ours, theirs)]
    return compare_activation_dicts(*kept, policy.atol, policy.rtol, "forward_hooks")


def _without(found: Mapping[str, Tensor], policy: Policy) -> dict[str, Tensor]:
    return {name: tensor for name, tensor in found.items() if name not in policy.excluded}


@benchmark("hook_functionality")
def benchmark_hook_functionality(
    model: Model, inputs: Any = None, reference: Optional[Model] = None, atol: float = 1e-3
) -> BenchmarkResult:
    """Silencing head 0 at blocks.0.attn.hook_v changes the loss, and as much on both sides."""
    effect = _effect(model.run(inputs))
    details = {"effect": effect, "least": EFFECT}
    if effect is None or not abs(effect) >= EFFECT:
        return BenchmarkResult("hook_functionality", DANGER, "A hook that silences a head changes nothing", details, passed=False)
    if reference is None:
        return BenchmarkResult("hook_functionality", INFO, f"Silencing a head changes the loss by {effect:.6f}", details)
    theirs = _effect(reference.run(inputs))
    return compare_scalars(effect, math.nan if theirs is None else theirs, atol, "hook_functionality")


def _effect(run: Run) -> Optional[float]:
    ablated = run.notes.get("loss_ablated")
    return None if ablated is None or run.loss is None else ablated - run.loss


@benchmark("gated_hooks")
def benchmark_gated_hooks(model: Model, inputs: Any = None, reference: Optional[Model] = None) -> BenchmarkResult:
    """Hook points that cost something are there, silent without their flag, and fire with it."""
    run = model.run(inputs)
    fired, endings = set(run.notes.get("fired_with_flags", ())), tuple(named_hooks("gated"))
    gated = [name for name in run.hooks if name.endswith(endings)]
    loud = [name for name in gated if name not in run.silent]
    dead = [name for name in gated if name not in fired]
    details = {"gated": len(gated), "fire_without_flag": loud, "silent_with_flag": dead}
    if not gated or loud or dead:
        message = f"{len(loud)} fire without their flag, {len(dead)} stay silent with it" if gated else "There are none"
        return BenchmarkResult("gated_hooks", DANGER, message, details, passed=False)
    return BenchmarkResult("gated_hooks", INFO, f"All {len(gated)} fire with their flag and only then", {"gated": len(gated)})


@benchmark("activation_cache")
def benchmark_activation_cache(
    model: Model, inputs: Any = None, reference: Optional[Model] = None, atol: float = 1e-3
) -> BenchmarkResult:
    """run_with_cache keeps what hooks see, values and gradients, and what the reference's keeps."""
    run = model.run(inputs)
    expected = {**run.activations, **{f"{name}_grad": tensor for name, tensor in run.gradients.items()}}
    cache = run.notes.get("cache", {})
    if reference is not None:
        expected = reference.run(inputs).notes.get("cache", {})
    return compare_activation_dicts(cache, expected, atol, 1e-4, "activation_cache")


@benchmark("components")
def benchmark_components(model: Model, inputs: Any = None, reference: Optional[Model] = None) -> BenchmarkResult:
    """Every place with how far apart the two are there; the worst decides."""
    if reference is None:
        return _skipped("components", "There is nothing to compare with")
    ours, theirs = model.run(inputs), reference.run(inputs)
    report = {}
    for name, tensor in theirs.activations.items():
        mine = ours.activations.get(name)
        gap = difference(mine, tensor) if mine is not None and mine.shape == tensor.shape else None
        report[name] = level_of(gap.max_diff if gap and gap.same_mask else math.inf)
    counts = {level: sum(each == level for each in report.values()) for _, level in LEVELS}
    worst = next((level for _, level in LEVELS if counts[level]), "low")
    severity = {"critical": DANGER, "high": DANGER, "medium": WARNING}.get(worst, INFO)
    details = {**counts, "worst": [name for name, level in report.items() if level == worst and worst != "low"][:5]}
    return BenchmarkResult("components", severity, f"{len(report)} places, the worst of them {worst}", details, severity is not DANGER)


def level_of(gap: float) -> str:
    return next(level for least, level in LEVELS if gap > least or level == "low")


@benchmark("weights_finite")
def benchmark_weights_finite(model: Model, inputs: Any = None, reference: Optional[Model] = None) -> BenchmarkResult:
    weights = model.run(inputs).weights
    bad = [name for name, tensor in weights.items() if not all(map(math.isfinite, tensor.values))]
    if bad or not weights:
        message = f"{len(bad)} weights hold NaN or infinity" if weights else "There are no weights"
        return BenchmarkResult("weights_finite", DANGER, message, {"weights": bad}, passed=False)
    return BenchmarkResult("weights_finite", INFO, f"All {len(weights)} weights are finite", {"weights": len(weights)})


@benchmark("weight_processing")
def benchmark_weight_processing(
    model: Model, inputs: Any = None, reference: Optional[Model] = None, atol: float = 1e-4
) -> BenchmarkResult:
    """Folding and centring the weights leaves every log-probability as it was."""
    kept = model.run(inputs).notes.get("log_probabilities", {})
    before = kept.get("as it is")
    if before is None or len(kept) < 2:
        return _skipped("weight_processing", "The model does not say what processing makes of it")
    changed = {name: compare_tensors(tensor, before, atol, 1e-4, name) for name, tensor in kept.items() if name != "as it is"}
    bad = [f"{name}: {result.message}" for name, result in changed.items() if not result.passed]
    details = {"processed": list(changed), "changed": bad, "atol": atol}
    if bad or is_vacuous(before, atol):
        return BenchmarkResult("weight_processing", DANGER, f"{len(bad)} ways of processing change the model", details, passed=False)
    return BenchmarkResult("weight_processing", INFO, f"All {len(changed)} keep the log-probabilities", details)


PLAIN = (  # those that need no policy
    benchmark_forward_pass,
    benchmark_logits_equivalence,
    benchmark_loss_equivalence,
    benchmark_hook_functionality,
    benchmark_gated_hooks,
    benchmark_activation_cache,
    benchmark_components,
    benchmark_weights_finite,
    benchmark_weight_processing,
)
