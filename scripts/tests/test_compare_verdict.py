"""Where two traces part first, the page and the form in which a trace is read."""

import json
import struct
from dataclasses import replace

import pytest

from rushlight.basics.errors import RushError
from rushlight.compare.differences import compare
from rushlight.compare.page import page
from rushlight.compare.report import as_json, show
from rushlight.compare.trace import Station, Tensor, Trace, parse, read_trace
from rushlight.compare.verdict import verdict_on

PLACES = ["fc1", "relu", "logits", "loss"]
GOOD = Tensor((2, 2), (1.0, -2.0, 3.0, 0.5))
BAD = Tensor((2, 2), (2.0, -4.0, 6.0, 1.0))


def trace() -> Trace:
    stations = [Station("01.3 sum", section="01 tensor", tasks=("01.3",))]
    for at, place in enumerate(PLACES):
        stations.append(Station(place, section="mlp", tasks=(f"03.{at + 1}",)))
        stations.append(Station(f"{place}_grad", "gradient", "mlp", (f"04.{at + 1}",)))
    stations.append(Station("parameter fc1.weight_grad", "parameter", "mlp", ("03.2",)))
    return Trace("mlp", "float", {each.name: each for each in stations}, {each.name: GOOD for each in stations})


def with_tensors(**changes: Tensor) -> Trace:
    changed = trace()
    changed.tensors |= {name.replace("__", " "): tensor for name, tensor in changes.items()}
    return changed


def verdict(ours: Trace, reference: Trace | None = None):
    return verdict_on(compare(ours, reference or trace()))


def test_two_that_agree():
    assert verdict(trace()).agrees and verdict(trace()).sentence() == "the two agree everywhere"


def test_values_come_first_from_the_top_down():
    found = verdict(with_tensors(relu=BAD, logits=BAD, fc1_grad=BAD, logits_grad=BAD))
    assert (found.agrees, found.task) == (False, "03.2")
    assert found.sentence() == "values agree down to fc1 and part at relu (doubled): look at 03.2"


def test_then_gradients_from_the_loss_back():
    found = verdict(with_tensors(fc1_grad=BAD, relu_grad=BAD))
    assert found.task == "04.2" and found.first.name == "relu_grad"
    assert found.sentence() == "gradients agree down to logits and part at relu (doubled): look at 04.2"


def test_then_parameters():
    found = verdict(with_tensors(**{"parameter__fc1.weight_grad": Tensor((2, 2), (0.0,) * 4)}))
    assert found.task == "03.2" and "fc1.weight (zero)" in found.sentence()


def test_a_function_that_is_wrong_on_its_own_comes_before_the_layer_that_stands_on_it():
    found = verdict(with_tensors(**{"01.3__sum": BAD, "relu": BAD}))
    assert (found.task, found.others) == ("01.3", ("03.2",))
    assert "01.3 sum is wrong on its own (doubled): look at 01.3" in found.sentence()


def test_a_name_that_one_side_lacks_is_a_difference():
    """R28: comparing only what both have would find nothing here."""
    ours = trace()
    for name in ("relu_grad", "fc1_grad"):
        ours.stations[name] = replace(ours.stations[name], state="missing")
        del ours.tensors[name]
    found = verdict(ours)
    assert not found.agrees and found.first.name == "relu_grad" and found.first.words == "no gradient arrives"
    del ours.stations["relu"], ours.tensors["relu"]
    assert verdict(ours).first.words == "there is no such place"
    fewer = trace()
    del fewer.stations["relu"], fewer.tensors["relu"]
    found = verdict(trace(), fewer)
    assert not found.agrees and found.first.name == "relu" and found.first.words == "the reference has none"


def test_a_gradient_of_zeros_is_no_small_difference():
    """R27: with keys and values cut off, everything above still agrees. Their gradients are small, as these."""
    reference = with_tensors(relu_grad=Tensor((2, 2), (0.15, -0.02, 0.1, -0.19)))
    found = verdict(with_tensors(relu_grad=Tensor((2, 2), (0.0,) * 4)), reference)
    assert found.first.words == "zero" and not found.agrees


def test_blanks_are_no_differences():
    ours = trace()
    ours.stations["01.3 sum"] = replace(ours.stations["01.3 sum"], state="todo", detail="01.3")
    assert verdict(ours).agrees and verdict(ours).todo == ("01.3",)
    ours = trace()
    ours.stations = {"01.3 sum": ours.stations["01.3 sum"], "mlp": Station("mlp", section="mlp", state="todo", detail="05.2")}
    reference = trace()
    reference.stations["clipped fc1.weight"] = Station("clipped fc1.weight", "step", "mlp, the step", ("07.1",))
    reference.tensors["clipped fc1.weight"] = GOOD
    found = verdict(ours, reference)
    assert found.first is None
    assert not found.agrees and found.blank == "05.2" and "needs 05.2" in found.sentence()


def test_where_nothing_was_compared_nothing_is_said_to_agree():
    ours = trace()
    ours.stations = {"01.3 sum": replace(ours.stations["01.3 sum"], state="todo", detail="01.3")}
    ours.stations["mlp"] = Station("mlp", section="mlp", state="todo", detail="03.3")
    assert verdict(ours).sentence() == "nothing to compare yet: the network needs 03.3, which is still a blank"
    ours.stations["01.3 sum"] = trace().stations["01.3 sum"]
    assert verdict(ours).sentence() == "the network needs 03.3, which is still a blank; what was compared agrees"


def test_what_a_blank_would_have_written_is_no_difference():
    reference, ours = trace(), trace()
    for name in ("clipped fc1.weight", "clipped fc1.bias"):
        reference.stations[name] = Station(name, "step", "mlp, the step", ("07.1",))
        reference.tensors[name] = GOOD
    ours.stations["clipped"] = Station("clipped", section="mlp, the step", state="todo", detail="07.1")
    assert verdict(ours, reference).agrees and verdict(ours, reference).todo == ("07.1",)
    del ours.stations["clipped"]
    assert verdict(ours, reference).task == "07.1"


def test_a_graph_that_is_cut_is_its_makers_fault():
    ours = trace()
    ours.stations["relu_grad"] = replace(ours.stations["relu_grad"], state="missing", detail="cut", tasks=("02.1",))
    assert verdict(ours).task == "02.1" and "cut here" in verdict(ours).sentence()


def test_what_throws_or_dies_is_named():
    ours = trace()
    ours.stations["01.3 sum"] = replace(ours.stations["01.3 sum"], state="crash", detail="signal 11")
    assert "signal 11" in verdict(ours).sentence() and verdict(ours).task == "01.3"


def test_a_run_that_stops_is_looked_for_where_it_stopped():
    ours = trace()
    kept = {name: each for name, each in ours.stations.items() if name in ("01.3 sum", "fc1", "relu")}
    ours.stations = kept | {"mlp": Station("mlp", section="mlp", tasks=("05.2",), state="threw", error_type="ShapeError")}
    found = verdict(ours)
    assert found.task == "03.3" and "ShapeError" in found.sentence() and not found.agrees


def test_a_run_that_dies_is_looked_for_behind_the_last_place_that_it_reached():
    ours = trace()
    died = Station("mlp", section="mlp", state="crash", detail="signal 11, after fc1", text="fc1")
    ours.stations = {"01.3 sum": ours.stations["01.3 sum"], "mlp": died}
    assert verdict(ours).task == "03.2" and "signal 11, after fc1" in verdict(ours).sentence()


def test_json_has_the_verdict_and_every_row():
    found = compare(with_tensors(relu=BAD), trace())
    text = json.dumps(as_json(found, verdict_on(found), [], {"ours": "yours", "reference": "the reference"}))
    read = json.loads(text)
    assert read["task"] == "03.2" and read["first"] == "relu" and read["looks"] == "doubled"
    assert len(read["rows"]) == len(trace().stations)


def test_the_table_reads_from_top_to_bottom(capfd):
    found = compare(with_tensors(relu_grad=BAD), trace())
    show(found, verdict_on(found), "yours", "the reference")
    lines = capfd.readouterr().out.splitlines()
    order = [next(at for at, line in enumerate(lines) if line.startswith(place)) for place in (*PLACES, "parameter fc1")]
    assert order == sorted(order)
    assert "← first" in lines[order[1]] and "doubled" in lines[order[1]] and "first" not in lines[order[2]]
    assert lines[-1].startswith("scripts/rush test 04.2")


def test_the_page_stands_alone():
    found = compare(with_tensors(relu=BAD), trace())
    text = page(found, verdict_on(found), [], "yours <b>", "the reference")
    assert text.startswith("<!doctype html>") and "prefers-color-scheme: dark" in text
    assert text.count('class="bar"') >= 2 * len(PLACES) and '<tr class="first"><td><code>relu' in text
    assert "yours &lt;b&gt;" in text and "http" not in text
    assert "✗ 1e+00" in text and "✓ equal" in text  # not by colour alone


def test_a_trace_is_a_safetensors_file(tmp_path):
    stations = [{"name": "fc1", "section": "mlp", "kind": "value", "task": "03.2 03.3", "state": "done"}]
    notes = json.dumps({"network": "mlp", "real": "float", "stations": stations, "silent": ["a"]})
    header = json.dumps({"fc1": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "__metadata__": {"trace": notes}})
    data = struct.pack("<Q", len(header)) + header.encode() + struct.pack("<2f", 1.5, -2)
    read = parse(data)
    assert read.tensors["fc1"].shape == (2,) and list(read.tensors["fc1"].values) == [1.5, -2.0]
    assert read.stations["fc1"].tasks == ("03.2", "03.3") and read.notes == {"network": "mlp", "real": "float", "silent": ["a"]}
    (tmp_path / "short").write_bytes(data[:-4])
    with pytest.raises(RushError, match="no trace"):
        read_trace(tmp_path / "short")
