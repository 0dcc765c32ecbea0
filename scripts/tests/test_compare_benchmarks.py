"""The benchmarks on models that are made of numbers: each defect of the benchmark that they are modelled on has a test."""

from dataclasses import dataclass, field, replace
from typing import Any, Optional

import pytest

from rushlight.compare import policy as policies
from rushlight.compare.benchmarks import (
    benchmark_backward_hooks,
    benchmark_critical_backward_hooks,
    benchmark_gradient_computation,
    benchmark_hook_structure,
)
from rushlight.compare.model import Run
from rushlight.compare.policy import STRICT, Policy
from rushlight.compare.result import BenchmarkSeverity
from rushlight.compare.trace import Tensor

INFO, WARNING, DANGER, ERROR = (BenchmarkSeverity[name] for name in ("INFO", "WARNING", "DANGER", "ERROR"))
CRITICAL = policies.named_hooks("critical")
NAMES = ["hook_embed", "blocks.0.hook_resid_pre", "blocks.0.attn.hook_q", "blocks.0.attn.hook_k", "blocks.0.hook_resid_post"]


def gradient(at: int, factor: float = 1.0) -> Tensor:
    return Tensor((1, 2), (factor * (0.02 + 0.01 * at), -0.15 * factor))


def run_of(names: list[str]) -> Run:
    gradients = {name: gradient(at) for at, name in enumerate(names)}
    parameters = {"embed.weight": gradient(1), "blocks.0.attn.k.bias": Tensor((2,), (0.0, 0.0))}
    return Run(1.5, gradients, gradients, parameters, {}, tuple(names))


@dataclass
class FakeModel:
    """Hooks and gradients are counted, as a model in this process would have them."""

    result: Run = field(default_factory=lambda: run_of(NAMES))
    error: Optional[Exception] = None
    hooks: int = 0
    gradients: int = 0

    def run(self, inputs: Any = None) -> Run:
        self.hooks += len(self.result.hooks)
        self.gradients += len(self.result.parameters)
        if self.error:
            raise self.error
        return self.result

    def clean_up(self) -> None:
        self.hooks = self.gradients = 0


def changed(name: str, tensor: Optional[Tensor]) -> FakeModel:
    run = run_of(NAMES)
    gradients = {key: value for key, value in run.gradients.items() if key != name or tensor is not None}
    if tensor is not None:
        gradients[name] = tensor
    return FakeModel(replace(run, gradients=gradients))


BENCHMARKS = [
    benchmark_backward_hooks,
    benchmark_critical_backward_hooks,
    benchmark_gradient_computation,
    benchmark_hook_structure,
]


# 1 and 7: nothing leaks, whatever happens


@pytest.mark.parametrize("benchmark", BENCHMARKS)
def test_nothing_is_left_after_a_run(benchmark):
    model, reference = FakeModel(), FakeModel()
    benchmark(model, None, reference)
    assert (model.hooks, model.gradients, reference.hooks, reference.gradients) == (0, 0, 0, 0)


@pytest.mark.parametrize("benchmark", BENCHMARKS)
@pytest.mark.parametrize("guilty", ["model", "reference"])
def test_nothing_is_left_after_an_exception_which_is_a_result(benchmark, guilty):
    error = ValueError("no such token")
    model = FakeModel(error=error if guilty == "model" else None)
    reference = FakeModel(error=error if guilty == "reference" else None)
    result = benchmark(model, None, reference)
    assert (model.hooks, model.gradients, reference.hooks, reference.gradients) == (0, 0, 0, 0)
    assert result.severity is ERROR and not result.passed
    assert result.details["error_type"] == "ValueError" and result.details["error_message"] == "no such token"
    assert "in run" in result.details["trace"]


def test_a_clean_up_that_fails_is_a_result_too():
    model = FakeModel()
    model.clean_up = lambda: (_ for _ in ()).throw(RuntimeError("2 hooks left"))
    assert benchmark_backward_hooks(model).severity is ERROR


# 2: tolerances


@pytest.mark.parametrize("name", NAMES)
def test_a_severed_gradient_is_seen_at_every_hook(name):
    severed = changed(name, Tensor((1, 2), (0.0, 0.0)))
    result = benchmark_backward_hooks(severed, None, FakeModel())
    assert result.severity is DANGER and not result.passed
    assert result.details["mismatches"] == 1 and result.details["sample_mismatches"][0].startswith(name)
    assert benchmark_backward_hooks(severed, None, FakeModel(), atol=0.2).passed  # what 0.2 lets through


def test_a_vacuous_comparison_is_counted_and_fails_where_it_is_critical():
    small = FakeModel(replace(run_of(CRITICAL), gradients={name: Tensor((1,), (9e-5,)) for name in CRITICAL}))
    result = benchmark_backward_hooks(small, None, small)
    assert result.severity is INFO and result.details["vacuous"] == len(CRITICAL)
    result = benchmark_critical_backward_hooks(small, None, small)
    assert result.severity is DANGER and not result.passed and "VACUOUS" in result.message


# 3: what is acceptable is a policy, and DANGER can be reached


def test_a_policy_decides_what_is_acceptable():
    model = changed("blocks.0.attn.hook_q", gradient(2, 99))
    seed = policies.policy("transformer_lens")
    result = benchmark_backward_hooks(model, None, FakeModel(), policy=seed)
    assert result.severity is WARNING and result.passed
    assert benchmark_backward_hooks(model, None, FakeModel()).severity is DANGER
    assert STRICT.acceptable == () and STRICT.excluded == frozenset()


def test_every_critical_hook_is_acceptable_to_the_wide_policy_and_to_no_other():
    seed = policies.policy("transformer_lens")
    assert len(CRITICAL) == 12 and all(seed.accepts(name, critical=True) for name in CRITICAL)
    assert len(seed.excluded) == 12 and not any(STRICT.accepts(name, critical=True) for name in CRITICAL)


@pytest.mark.parametrize("name", CRITICAL)
def test_danger_can_be_reached_at_every_critical_hook(name):
    good = FakeModel(run_of(CRITICAL))
    wrong = FakeModel(replace(run_of(CRITICAL), gradients={**run_of(CRITICAL).gradients, name: gradient(0, 3)}))
    assert benchmark_critical_backward_hooks(wrong, None, good).severity is DANGER
    assert benchmark_critical_backward_hooks(good, None, good).severity is INFO


def test_shapes_masks_and_absences_are_never_acceptable():
    seed = policies.policy("transformer_lens")
    nan = Tensor((1, 2), (float("nan"), 1.0))
    for wrong in (Tensor((2, 1), (1.0, 2.0)), nan, None):
        result = benchmark_backward_hooks(changed("blocks.0.attn.hook_q", wrong), None, FakeModel(), policy=seed)
        assert result.severity is DANGER and not result.passed


# 4: names that one side lacks


def test_a_missing_gradient_is_danger():
    result = benchmark_backward_hooks(changed("blocks.0.attn.hook_k", None), None, FakeModel())
    assert result.severity is DANGER and result.details["missing_model"] == ["blocks.0.attn.hook_k"]
    result = benchmark_backward_hooks(FakeModel(), None, changed("blocks.0.attn.hook_k", None))
    assert result.severity is DANGER and result.details["missing_reference"] == ["blocks.0.attn.hook_k"]


# 5: counts


def test_what_is_excluded_and_does_not_exist_is_not_counted():
    away = Policy("away", excluded=frozenset({"hook_embed", "blocks.6.attn.hook_pattern", "blocks.7.ln2.hook_scale"}))
    result = benchmark_backward_hooks(FakeModel(), None, FakeModel(), policy=away)
    assert result.message == "All 4/4 hooks match within tolerance"
    assert list(result.details)[:5] == ["matching_hooks", "tested_hooks", "excluded", "abs_tolerance", "rel_tolerance"]
    assert result.details["tested_hooks"] == 4 and result.details["excluded"] == 1
    nothing = Policy("away", excluded=frozenset(NAMES))
    assert benchmark_backward_hooks(FakeModel(), None, FakeModel(), policy=nothing).severity is DANGER


# 6: what is not finite: test_compare_tensors.py, and here through a benchmark


def test_not_finite_in_other_places_is_a_mismatch():
    nan = float("nan")
    ours, theirs = Tensor((1, 3), (nan, 2.0, 2.0)), Tensor((1, 3), (2.0, 2.0, nan))  # what is finite agrees
    result = benchmark_backward_hooks(changed("hook_embed", ours), None, changed("hook_embed", theirs))
    assert result.severity is DANGER and result.details["mismatches"] == 1


# 8: every parameter needs a gradient


def test_one_parameter_without_a_gradient_is_danger():
    run = run_of(NAMES)
    for without in (None, Tensor((2,), (0.0, 0.0))):
        model = FakeModel(replace(run, parameters={**run.parameters, "unembed.weight": without}))
        result = benchmark_gradient_computation(model)
        assert result.severity is DANGER and result.details == {"parameters": ["unembed.weight"]}
    assert benchmark_gradient_computation(FakeModel()).passed  # k.bias is zero by symmetry, and there
    connected = replace(run, parameters={**run.parameters, "blocks.0.attn.k.bias": None})
    assert not benchmark_gradient_computation(FakeModel(connected)).passed


def test_other_losses_are_a_warning():
    other = FakeModel(replace(run_of(NAMES), loss=1.502))
    result = benchmark_gradient_computation(other, None, FakeModel())
    assert result.severity is WARNING and result.passed
    assert benchmark_gradient_computation(FakeModel(), None, FakeModel()).severity is INFO


# without a reference


def test_without_a_reference_it_says_what_there_was():
    assert benchmark_backward_hooks(FakeModel()).message == "Captured 5 gradients"
    assert benchmark_critical_backward_hooks(FakeModel()).details == {"captured": 5}
    result = benchmark_gradient_computation(FakeModel())
    assert (result.severity, result.message) == (INFO, "Gradients computed successfully")
    assert benchmark_backward_hooks(FakeModel(Run())).severity is DANGER


# structure


def test_structure_asks_for_existence_firing_and_shape_only():
    other_numbers = changed("blocks.0.attn.hook_q", gradient(2, 99))
    assert benchmark_hook_structure(other_numbers, None, FakeModel()).severity is INFO
    silent = benchmark_hook_structure(changed("blocks.0.attn.hook_q", None), None, FakeModel())
    assert silent.severity is DANGER and silent.details["silent"] == ["blocks.0.attn.hook_q"]
    flat = benchmark_hook_structure(changed("blocks.0.attn.hook_q", Tensor((2,), (1.0, 2.0))), None, FakeModel())
    assert flat.severity is DANGER and len(flat.details["shape_mismatches"]) == 1
    absent = benchmark_hook_structure(FakeModel(run_of(NAMES[1:])), None, FakeModel())
    assert absent.details["absent"] == ["hook_embed"]
    assert benchmark_hook_structure(FakeModel(), None, FakeModel(), keywords=["no_such"]).severity is DANGER
