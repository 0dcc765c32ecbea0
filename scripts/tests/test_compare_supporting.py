"""The benchmarks beside those of gradients, on models that are made of numbers."""

from dataclasses import replace
from typing import Any

import pytest

from rushlight.compare import supporting
from rushlight.compare.model import Run
from rushlight.compare.result import BenchmarkSeverity
from rushlight.compare.trace import Tensor

INFO, WARNING, DANGER, ERROR, SKIPPED = BenchmarkSeverity
LOGITS = Tensor((1, 3), (1.0, -2.0, 0.5))
LOG_P = Tensor((1, 2), (-0.5, -0.9327))


class Fake:
    def __init__(self, run: Run) -> None:
        self.result = run

    def run(self, inputs: Any = None) -> Run:
        return self.result

    def clean_up(self) -> None:
        pass


def run(**changes: Any) -> Run:
    activations = {"blocks.0.attn.hook_v": LOGITS, "unembed.hook_out": LOGITS}
    gradients = {"blocks.0.attn.hook_v": LOGITS}
    notes = {
        "loss_ablated": 1.75,
        "fired_with_flags": ["blocks.0.attn.hook_result", "blocks.0.hook_mlp_in"],
        "cache": {**activations, "blocks.0.attn.hook_v_grad": LOGITS},
        "log_probabilities": {"as it is": LOG_P, "layer norm folded": LOG_P},
    }
    gated = ("blocks.0.attn.hook_result", "blocks.0.hook_mlp_in")
    whole = Run(1.5, activations, gradients, {}, {"a": LOGITS}, (*activations, *gated), gated, notes)
    return replace(whole, **changes)


def noted(**changes: Any) -> Run:
    return run(notes={**run().notes, **changes})


def off(by: float) -> Tensor:
    return Tensor((1, 3), tuple(x + by for x in LOGITS.values))


def logits_off(by: float) -> Run:
    return run(activations={**run().activations, "unembed.hook_out": off(by)})


@pytest.mark.parametrize("benchmark", supporting.PLAIN)
def test_a_model_agrees_with_itself(benchmark):
    result = benchmark(Fake(run()), None, Fake(run()))
    assert result.severity is INFO and result.passed, str(result)


@pytest.mark.parametrize("benchmark", supporting.PLAIN)
def test_without_a_reference_there_is_still_an_answer(benchmark):
    assert benchmark(Fake(run())).severity in (INFO, SKIPPED)


@pytest.mark.parametrize("benchmark", supporting.PLAIN)
def test_what_a_model_throws_is_a_result(benchmark):
    model = Fake(run())
    model.run = lambda inputs=None: {}["no such thing"]
    result = benchmark(model, None, Fake(run()))
    assert result.severity is ERROR and result.details["error_type"] == "KeyError"


@pytest.mark.parametrize(
    "benchmark, near, far",
    [
        (supporting.benchmark_forward_pass, 1e-3, 0.1),
        (supporting.benchmark_logits_equivalence, 3e-2, 0.2),
    ],
)
def test_logits_have_their_tolerances(benchmark, near, far):
    assert benchmark(Fake(logits_off(near)), None, Fake(run())).passed
    assert benchmark(Fake(logits_off(far)), None, Fake(run())).severity is DANGER


def test_losses_differ_by_less_than_a_thousandth():
    near, far = Fake(run(loss=1.5009)), Fake(run(loss=1.502))
    assert supporting.benchmark_loss_equivalence(near, None, Fake(run())).passed
    assert supporting.benchmark_loss_equivalence(far, None, Fake(run())).severity is DANGER
    assert supporting.benchmark_loss_equivalence(Fake(run(loss=float("nan")))).severity is DANGER


def test_forward_hooks():
    wrong = Fake(logits_off(1e-3))
    assert supporting.benchmark_forward_hooks(wrong, None, Fake(run())).severity is DANGER
    assert supporting.benchmark_forward_hooks(Fake(run()), None, Fake(run())).severity is INFO
    assert supporting.benchmark_forward_hooks(Fake(run())).details == {"captured": 2}


def test_silencing_a_head_has_to_do_something():
    assert supporting.benchmark_hook_functionality(Fake(noted(loss_ablated=1.5))).severity is DANGER
    assert supporting.benchmark_hook_functionality(Fake(noted(loss_ablated=None))).severity is DANGER
    other = Fake(noted(loss_ablated=1.8))
    assert supporting.benchmark_hook_functionality(other, None, Fake(run())).severity is DANGER


def test_gated_hooks_fire_with_their_flag_and_only_then():
    dead = supporting.benchmark_gated_hooks(Fake(noted(fired_with_flags=[])))
    assert dead.severity is DANGER and len(dead.details["silent_with_flag"]) == 2
    loud = supporting.benchmark_gated_hooks(Fake(run(silent=("blocks.0.hook_mlp_in",))))
    assert loud.details["fire_without_flag"] == ["blocks.0.attn.hook_result"]
    assert supporting.benchmark_gated_hooks(Fake(run(hooks=("hook_embed",)))).severity is DANGER


def test_the_cache_is_what_hooks_see():
    short = Fake(noted(cache={"unembed.hook_out": LOGITS}))
    assert supporting.benchmark_activation_cache(short).severity is DANGER
    assert supporting.benchmark_activation_cache(short, None, Fake(run())).severity is DANGER


@pytest.mark.parametrize("gap, level", [(0.2, "critical"), (0.01, "high"), (5e-4, "medium"), (1e-5, "low"), (0.0, "low")])
def test_components_are_graded_by_their_largest_difference(gap, level):
    assert supporting.level_of(gap) == level
    result = supporting.benchmark_components(Fake(logits_off(gap)), None, Fake(run()))
    assert result.details[level] >= 1 and result.passed is (level in ("low", "medium"))
    assert result.severity is {"low": INFO, "medium": WARNING}.get(level, DANGER)


def test_weights_are_finite():
    result = supporting.benchmark_weights_finite(Fake(run(weights={"a": LOGITS, "b": Tensor((1,), (float("inf"),))})))
    assert result.severity is DANGER and result.details == {"weights": ["b"]}
    assert supporting.benchmark_weights_finite(Fake(run(weights={}))).severity is DANGER


def test_processing_keeps_the_log_probabilities():
    changed = {"as it is": LOG_P, "unembedding centred": Tensor((1, 2), (-0.5, -0.8))}
    assert supporting.benchmark_weight_processing(Fake(noted(log_probabilities=changed))).severity is DANGER
    assert supporting.benchmark_weight_processing(Fake(noted(log_probabilities={}))).severity is SKIPPED
