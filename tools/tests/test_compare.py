"""`rush compare` on the real GPT: it agrees with itself, and every hook point that is tampered with is noticed."""

import json
import os
import subprocess
from functools import lru_cache

import pytest

import planted
from conftest import ROOT
from rushlight.compare import benchmarks, policy as policies, supporting
from rushlight.compare.differences import compare
from rushlight.compare.model import TracedModel
from rushlight.compare.programs import record
from rushlight.compare.result import BenchmarkSeverity
from rushlight.compare.verdict import verdict_on

BUILD = ROOT / "build" / "student"
INFO, DANGER = BenchmarkSeverity.INFO, BenchmarkSeverity.DANGER
SILENT = ("hook_attn_in", "hook_q_input", "hook_k_input", "hook_v_input", "hook_mlp_in", "hook_result")
HOOKS = ["hook_embed", "hook_pos_embed"]
HOOKS += [
    f"blocks.{layer}.{name}"
    for layer in (0, 1)
    for name in (
        "hook_resid_pre ln1.hook_scale ln1.hook_normalized attn.hook_q attn.hook_k attn.hook_v attn.hook_attn_scores "
        "attn.hook_pattern attn.hook_z hook_attn_out hook_resid_mid ln2.hook_scale ln2.hook_normalized mlp.hook_pre "
        "mlp.hook_post hook_mlp_out hook_resid_post"
    ).split()
]
HOOKS += ["ln_final.hook_scale", "ln_final.hook_normalized", "unembed.hook_in", "unembed.hook_out"]


@lru_cache(maxsize=None)
def program(target: str):
    """The build's own program, made if it is not there."""
    if not (BUILD / "build.ninja").is_file():
        subprocess.run(["cmake", "--preset", "student"], cwd=ROOT, check=True, capture_output=True)
    subprocess.run(["cmake", "--build", str(BUILD), "-j", "2", "--target", target], check=True, capture_output=True)
    return BUILD / "compare" / target


@lru_cache(maxsize=None)
def gpt(*options: str):
    return record(program("compare_gpt_solution"), "gpt", options)


def network(*edits: str):
    return gpt("--no-parts", *(word for edit in edits for word in ("--edit", edit)))


def model(*edits: str) -> TracedModel:
    return TracedModel(lambda _: network(*edits))


def test_a_model_agrees_with_itself():
    whole = gpt()
    found = verdict_on(compare(whole, gpt()))
    assert found.agrees and not found.todo
    assert [row.name for row in compare(whole, whole).of_network if row.state == "vacuous"] == []
    result = benchmarks.benchmark_backward_hooks(model(), None, model())
    assert result.severity is INFO and result.message == f"All {len(HOOKS)}/{len(HOOKS)} hooks match within tolerance"
    assert "vacuous" not in result.details
    for each in (*supporting.PLAIN, benchmarks.benchmark_critical_backward_hooks, benchmarks.benchmark_gradient_computation):
        assert each(TracedModel(lambda _: whole), None, TracedModel(lambda _: whole)).severity is INFO, each.__name__


def test_every_hook_point_is_looked_at():
    run = TracedModel(lambda _: network()).run()
    assert [name for name in run.hooks if name not in run.silent] == HOOKS
    assert all(name.endswith(SILENT) for name in run.silent)


@pytest.mark.parametrize("name", HOOKS[:-1])
def test_a_severed_hook_point_is_danger(name):
    result = benchmarks.benchmark_backward_hooks(model(f"{name}=sever"), None, model())
    assert result.severity is DANGER and not result.passed
    assert name in result.details["missing_model"]
    found = verdict_on(compare(network(f"{name}=sever"), network()))
    assert not found.agrees and found.first.station.kind == "gradient"


def test_where_the_last_hook_point_is_severed_nothing_is_left_to_differentiate():
    result = benchmarks.benchmark_backward_hooks(model(f"{HOOKS[-1]}=sever"), None, model())
    assert result.severity is BenchmarkSeverity.ERROR and not result.passed
    assert result.details["error_type"] == "rushlight::GraphError"
    assert not verdict_on(compare(network(f"{HOOKS[-1]}=sever"), network())).agrees


@pytest.mark.parametrize("name", HOOKS)
@pytest.mark.parametrize("edit", ["zero", "double"])
def test_a_tampered_gradient_is_found_at_its_place(name, edit):
    """R27 among them: zeros at keys and values."""
    result = benchmarks.benchmark_backward_hooks(model(f"{name}={edit}"), None, model())
    assert result.severity is DANGER and result.details["mismatches"] >= 1
    found = verdict_on(compare(network(f"{name}={edit}"), network()))
    assert found.first.name == f"{name}_grad" and found.first.words == {"zero": "zero", "double": "doubled"}[edit]


@pytest.mark.parametrize("name", HOOKS)
def test_a_tampered_value_is_found_at_its_place(name):
    found = verdict_on(compare(network(f"{name}=add"), network()))
    assert found.first.name == name and found.first.station.kind == "value"


def test_what_the_wide_policy_lets_pass():
    """A gradient of zeros, at whatever hook point: none of them fails there."""
    wide = policies.policy("transformer_lens")
    missed = []
    for name in HOOKS:
        result = benchmarks.benchmark_backward_hooks(model(f"{name}=zero"), None, model(), policy=wide)
        if result.passed:
            missed.append(name)
    assert missed == HOOKS  # nothing that is merely another number is ever a failure there


def test_an_exception_inside_the_run_is_a_result():
    result = benchmarks.benchmark_backward_hooks(model("blocks.0.attn.hook_z=throw"), None, model())
    assert result.severity is BenchmarkSeverity.ERROR
    assert result.details["error_type"] == "rushlight::ValueError" and "asked for" in result.details["error_message"]
    found = verdict_on(compare(network("blocks.0.attn.hook_z=throw"), network()))
    assert found.task in ("12.3", "12.5") and not found.agrees


def test_a_nan_is_found_where_it_begins():
    found = verdict_on(compare(network("blocks.1.mlp.hook_post=nan"), network()))
    assert found.first.name == "blocks.1.mlp.hook_post" and "not finite" in found.first.words


def test_the_loss_of_the_original_benchmark():
    run = TracedModel(lambda _: gpt("--no-parts", "--loss", "last_logits")).run()
    logits = run.activations["unembed.hook_out"]
    batch, tokens, scores = logits.shape
    last = [logits.values[(b * tokens + tokens - 1) * scores + v] for b in range(batch) for v in range(scores)]
    assert abs(run.loss - sum(last)) < 1e-4


def test_the_command_prints_one_object():
    environment = {name: value for name, value in os.environ.items() if name != "RUSHLIGHT_ROOT"}
    program("compare_mlp_solution")
    command = [str(ROOT / "scripts" / "rush"), "compare", "mlp", "--stack", "solution", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    answer = json.loads(done.stdout)
    assert done.returncode == 0 and answer["agrees"] and answer["network"] == "mlp" and len(answer["rows"]) > 100


def test_callers_are_those_whose_code_names_a_function_of_the_task():
    from rushlight.course.tree import Tree

    callers = planted.callers_of(Tree(ROOT), "01.3")
    assert {"03.2", "04.5"} <= callers and not {"01.3", "08.1", "10.4"} & callers
