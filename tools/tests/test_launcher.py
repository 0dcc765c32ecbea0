"""The launcher must tell the truth about programs that lie, die or hang."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


@pytest.fixture
def launch(programs, tmp_path):
    """Runs the launcher on some cases of the fixture; answers (exit status, tasks by id)."""
    launcher, fixture = programs.launcher, programs.fixture

    def run(*names, scale="1", arguments=(), environment=()):
        cases = tmp_path / "cases.txt"
        cases.write_text("\n".join(names) + "\n")
        temp = tmp_path / "tmp"
        temp.mkdir(exist_ok=True)
        done = subprocess.run(
            [launcher, "--exe", fixture, "--cases", cases, "--json", *arguments],
            capture_output=True,
            text=True,
            env={
                **os.environ,
                "RUSHLIGHT_TIMEOUT_SCALE": scale,
                "TMPDIR": str(temp),
                **dict(environment),
            },
            timeout=50,
        )
        assert list(temp.iterdir()) == [], "the launcher leaves nothing behind"
        assert done.stdout, done.stderr
        return done.returncode, {task["id"]: task for task in json.loads(done.stdout)["tasks"]}

    return run


def states(task):
    return {case["case"].split(".")[1]: case["state"] for case in task["details"]}


def test_passing_cases_pass(launch):
    status, tasks = launch("Unit_02_1.Passes", "GradientFlow_02_1.Passes")
    task = tasks["02.1"]
    assert status == 0
    assert (task["state"], task["cases"], task["passed"], task["message"]) == ("pass", 2, 2, "")
    assert task["blocked_by"] is None
    assert task["details"][0]["file"] == "tools/tests/fixture.cpp"


def test_kind_and_task_choose(launch):
    names = ("Unit_02_1.Passes", "GradientFlow_02_1.Passes", "Unit_02_2.Fails", "Integration_05.Passes")
    status, tasks = launch(*names, arguments=("--task", "02.1", "--kind", "gradient_flow"))
    assert (status, list(tasks), tasks["02.1"]["cases"]) == (0, ["02.1"], 1)
    status, tasks = launch(*names, arguments=("--kind", "integration"))
    assert (status, list(tasks)) == (0, ["05"])
    status, tasks = launch(*names, arguments=("--task", "02.1", "--task", "02.2"))
    assert (status, list(tasks)) == (1, ["02.1", "02.2"])


def test_wrong_shows_the_first_failure(launch):
    status, tasks = launch("Unit_02_2.Passes", "Unit_02_2.Fails", "Unit_02_2.Throws")
    task = tasks["02.2"]
    assert status == 1
    assert (task["state"], task["passed"], task["wrong"]) == ("wrong", 1, 2)
    assert "the first reason" in task["message"] and "second" not in task["message"]
    assert "thrown by the test" in task["details"][2]["message"]


def failure(launch, case):
    _, tasks = launch(case)
    (task,) = tasks.values()
    return task["details"][0]


def line_of(text):
    fixture = (Path(__file__).parent / "fixture.cpp").read_text().splitlines()
    (number,) = [number for number, line in enumerate(fixture, 1) if text in line]
    return number


def test_values_are_read_before_the_texts_of_errors(launch):
    shown = failure(launch, "Unit_06_1.ATextAndThenAValue")
    assert shown["message"] == "a value is wrong" and shown["line"] == line_of("a value is wrong")


def test_an_operand_that_was_changed_is_read_first(launch):
    shown = failure(launch, "Unit_06_1.AValueAndThenAnOperand")
    assert shown["message"].startswith("an op must not change its operand\nsame(x, before)\n54 of 57 values differ")


def test_what_failed_in_a_helper_is_shown_at_the_line_of_its_test(launch):
    shown = failure(launch, "Unit_06_1.AHelperFails")
    assert shown["line"] == line_of("Unit_06_1, AHelperFails")
    assert f"(checked at tools/tests/fixture.cpp:{line_of('the helper says no')})" in shown["message"]


def test_a_matchers_own_words_stand_alone(launch):
    shown = failure(launch, "Unit_06_1.AMatcherSaysWhy")
    assert shown["message"] == "same(x, y)\n54 of 57 values differ\nat 3"


def test_what_an_exception_says_stands_alone(launch):
    assert failure(launch, "Unit_02_2.Throws")["message"] == "an exception came out of the test: thrown by the test"


def test_crash_does_not_take_other_cases_along(launch):
    names = ("Before", "Crashes", "Overflows", "After")
    status, tasks = launch(*(f"Unit_02_3.{name}" for name in names))
    task = tasks["02.3"]
    assert status == 1
    assert states(task) == dict(Before="pass", Crashes="crash", Overflows="crash", After="pass")
    assert "SIGSEGV" in task["message"] and "last words" in task["message"]
    assert "SIGABRT" in task["details"][2]["message"]


def test_todo_counts_however_it_is_swallowed(launch):
    status, tasks = launch("Unit_02_4.Swallowed", "Unit_02_4.Plain", "Unit_02_4.Passes")
    task = tasks["02.4"]
    assert status == 1
    assert states(task) == dict(Swallowed="todo", Plain="todo", Passes="pass")
    assert (task["state"], task["message"]) == ("todo", "todo 02.4: not written yet")
    assert task["blocked_by"] is None


def test_another_tasks_blank_blocks(launch):
    _, tasks = launch("Unit_02_5.Blocked")
    assert (tasks["02.5"]["state"], tasks["02.5"]["blocked_by"]) == ("todo", "01.3")


def test_a_progressive_case_waits_for_other_tasks_and_costs_nothing(launch):
    status, tasks = launch("Unit_02_1.Passes", "Progressive_02_1.WaitsForTwo", "Progressive_02_1.Passes")
    task = tasks["02.1"]
    assert (status, task["state"], task["message"], task["blocked_by"]) == (0, "pass", "", None)
    assert task["waits_for"] == ["01.3", "03.3"]
    assert states(task) == dict(Passes="pass", WaitsForTwo="waits")
    assert (task["passed"], task["todo"], task["cases"]) == (2, 1, 3)


def test_only_the_progressive_kind_waits(launch):
    status, tasks = launch("Unit_02_5.Blocked", "Progressive_02_5.Waits")
    assert (status, tasks["02.5"]["state"], tasks["02.5"]["blocked_by"]) == (1, "todo", "01.3")
    assert tasks["02.5"]["waits_for"] == ["01.3", "02.1"]  # every blocker is named


def test_a_blank_of_its_own_or_a_failure_is_not_waiting(launch):
    status, tasks = launch("Unit_02_4.Passes", "Progressive_02_4.MeetsItsOwnToo")
    assert (status, tasks["02.4"]["state"], tasks["02.4"]["waits_for"]) == (1, "todo", [])
    status, tasks = launch("Unit_02_2.Passes", "Progressive_02_2.Fails")
    assert (status, tasks["02.2"]["state"]) == (1, "wrong")


def test_waiting_cases_alone_are_skipped_where_their_task_stands_and_fail_where_not(launch):
    names = ("Unit_02_1.Passes", "Progressive_02_1.WaitsForTwo", "Unit_02_5.Blocked", "Progressive_02_5.Waits")
    progressive = ("--kind", "progressive")
    status, tasks = launch(*names, arguments=("--task", "02.1", *progressive))
    assert (status, tasks["02.1"]["state"], tasks["02.1"]["cases"]) == (77, "todo", 1)
    status, tasks = launch(*names, arguments=("--task", "02.5", *progressive))
    assert (status, tasks["02.5"]["state"], tasks["02.5"]["blocked_by"]) == (1, "todo", "02.1")


def test_todo_that_kills_a_thread_is_a_todo(launch):
    _, tasks = launch("Unit_02_6.InThread", "Unit_02_6.InNoexcept")
    task = tasks["02.6"]
    assert (task["state"], task["todo"], task["blocked_by"]) == ("todo", 2, None)


def test_todo_in_suite_set_up_concerns_its_cases(launch):
    _, tasks = launch("Unit_04_2.NeedsItsSetUp")
    assert (tasks["04.2"]["state"], tasks["04.2"]["blocked_by"]) == ("todo", None)


def test_todo_fails_the_program_by_itself(programs):
    """Without a launcher, gtest's own verdict and exit status say it too."""
    done = subprocess.run(
        [programs.fixture, "--gtest_filter=Unit_02_4.Swallowed"], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "todo 02.4: not written yet" in done.stdout and "FAILED" in done.stdout


HANGING = ("Unit_02_7.Loops", "Unit_02_7.After", "Unit_02_8.Sleeps", "Unit_02_9.NeverReached")


def test_time_out_stops_the_task_and_then_the_rest(launch):
    status, tasks = launch(*HANGING, scale="0.05", arguments=("--jobs", "1"))
    assert status == 1
    assert "ran longer than 0.5 s" in tasks["02.7"]["message"]
    assert "used up" in tasks["02.7"]["details"][1]["message"]
    assert tasks["02.8"]["state"] == "crash"
    assert "not run: two tasks" in tasks["02.9"]["message"]


def test_two_time_outs_at_once_stop_the_rest(launch):
    """When the first is over, its place may be taken before the second is; after that, nothing begins."""
    names = (*HANGING[:3], "Unit_05_1.MeetsTheNext", "Unit_05_2.MeetsTheOneBefore")
    meeting = {"FIXTURE_MEETING": "/nowhere"}  # where nobody can be met
    _, tasks = launch(*names, scale="0.05", arguments=("--jobs", "2"), environment=meeting)
    assert [task["state"] for task in tasks.values()] == ["crash"] * 4
    assert "ran longer" in tasks["02.7"]["message"] and "ran longer" in tasks["02.8"]["message"]
    assert "not run: two tasks" in tasks["05.2"]["message"]


def test_time_in_which_others_had_the_processor_does_not_count(launch):
    """On one processor with three others, half a second of work takes two, and is done within a limit of one."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(3)]
    try:
        start = time.monotonic()
        _, tasks = launch("Unit_06_2.WorksForHalfASecond", scale="0.1")
        taken = time.monotonic() - start
    finally:
        os.sched_setaffinity(0, before)
        for other in others:
            other.kill()
            other.wait()
    assert taken > 1 and tasks["06.2"]["state"] == "pass"


def test_time_outs_of_others_do_not_stop_a_task_that_runs(launch):
    _, tasks = launch(*HANGING, scale="0.05", arguments=("--jobs", "3"))
    assert [task["state"] for task in tasks.values()] == ["crash", "crash", "pass"]


def test_each_task_has_its_own_deadline(launch):
    """One that begins when another has used up its time still has all of its own."""
    names = ("Unit_02_1.Passes", "Unit_02_8.Sleeps", "Unit_02_3.Before", "Unit_05_1.MeetsTheNext", "Unit_03_1.After")
    meeting = {"FIXTURE_MEETING": "/nowhere"}  # where nobody can be met: it waits until its time is up
    start = time.monotonic()
    _, tasks = launch(*names, scale="0.1", arguments=("--jobs", "1"), environment=meeting)
    assert time.monotonic() - start >= 2
    assert [task["state"] for task in tasks.values()] == ["pass", "pass", "crash", "pass", "crash"]
    assert all(0.9 < tasks[hung]["seconds"] < 5 for hung in ("02.8", "05.1"))


def test_tasks_run_at_the_same_time_and_are_reported_in_order(launch, tmp_path):
    names, meeting = ("Unit_05_1.MeetsTheNext", "Unit_05_2.MeetsTheOneBefore"), {"FIXTURE_MEETING": str(tmp_path)}
    status, tasks = launch(*names, arguments=("--jobs", "2"), environment=meeting)
    assert (status, list(tasks)) == (0, ["05.1", "05.2"])


def test_one_job_is_one_task_at_a_time(launch, tmp_path):
    names, meeting = ("Unit_05_1.MeetsTheNext", "Unit_05_2.MeetsTheOneBefore"), {"FIXTURE_MEETING": str(tmp_path)}
    _, tasks = launch(*names, scale="0.05", arguments=("--jobs", "1"), environment=meeting)
    assert [task["state"] for task in tasks.values()] == ["crash", "pass"]


def test_by_default_one_job_a_processor(launch, tmp_path):
    """Bound to one processor, the launcher runs one task at a time."""
    names, meeting = ("Unit_05_1.MeetsTheNext", "Unit_05_2.MeetsTheOneBefore"), {"FIXTURE_MEETING": str(tmp_path)}
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        _, tasks = launch(*names, scale="0.05", environment=meeting)
    finally:
        os.sched_setaffinity(0, before)
    assert [task["state"] for task in tasks.values()] == ["crash", "pass"]


def test_crashes_at_the_same_time_stay_apart(launch):
    names = [f"Unit_02_3.{name}" for name in ("Before", "Crashes", "Overflows", "After")]
    names += ["Unit_03_1.Exits", "Unit_03_1.After", "Unit_02_2.Fails", "Unit_02_1.Passes"]
    for jobs in "124":
        status, tasks = launch(*names, arguments=("--jobs", jobs))
        assert (status, list(tasks)) == (1, ["02.1", "02.2", "02.3", "03.1"])
        assert states(tasks["02.3"]) == dict(Before="pass", Crashes="crash", Overflows="crash", After="pass")
        assert states(tasks["03.1"]) == dict(Exits="crash", After="pass")
        assert [tasks[each]["state"] for each in ("02.1", "02.2")] == ["pass", "wrong"]
        assert "last words" in tasks["02.3"]["message"] and "last words" not in tasks["03.1"]["message"]


def test_missing_case_makes_the_task_wrong(launch):
    status, tasks = launch("Unit_02_1.Passes", "Unit_02_1.Forgotten")
    task = tasks["02.1"]
    assert (status, task["state"], task["missing"], task["passed"]) == (1, "wrong", 1, 1)
    assert "build again" in task["message"]


def test_all_cases_missing(launch):
    status, tasks = launch("Unit_02_1.Forgotten")
    assert (status, tasks["02.1"]["missing"]) == (1, 1)


def test_skip_is_not_a_pass(launch):
    status, tasks = launch("Unit_03_2.Skips")
    assert (status, tasks["03.2"]["state"], tasks["03.2"]["missing"]) == (1, "wrong", 1)
    assert "skipped" in tasks["03.2"]["message"] and "no such device" in tasks["03.2"]["message"]


def test_a_sanitizers_report_is_told_by_its_headline_and_the_courses_frames(launch):
    _, tasks = launch("Unit_04_3.Sanitizer")
    headline, *frames = tasks["04.3"]["message"].splitlines()
    assert headline == "AddressSanitizer: heap-buffer-overflow on address 0x60"
    assert [frame.strip() for frame in frames] == [
        "#1 0x2 in relu /x/modules/02_a/a.cpp:12",
        "#2 0x3 in main /x/modules/02_a/b.cpp:9",
    ]


def test_exit_zero_inside_a_case_is_a_crash(launch):
    status, tasks = launch("Unit_03_1.Exits", "Unit_03_1.After")
    assert status == 1
    assert states(tasks["03.1"]) == dict(Exits="crash", After="pass")
    assert "status 0" in tasks["03.1"]["message"]


@pytest.mark.parametrize("name, word", [("3_3.DiesAtExit", "SIGSEGV"), ("3_4.StatusAtExit", "status 7")])
def test_death_after_the_last_case_is_a_crash(launch, name, word):
    status, tasks = launch("Unit_0" + name)
    (task,) = tasks.values()
    assert (status, task["state"]) == (1, "crash")
    assert "all cases had ended" in task["message"] and word in task["message"]


def test_death_between_cases_is_laid_on_the_one_before(launch):
    status, tasks = launch("Unit_04_6.Ends", "GradientFlow_04_6.Follows")
    assert (status, states(tasks["04.6"])) == (1, dict(Ends="crash", Follows="pass"))
    assert "this case had ended" in tasks["04.6"]["message"]


UNBELIEVABLE = "cannot be believed"


@pytest.mark.parametrize(
    "names, complaint",
    [
        (("3_5.Nonsense", "3_5.After"), "makes no sense"),
        (("6_1.Shouts", "6_1.Fails"), "its listener did not send"),
        (("6_2.EndsTwice",), "ends twice"),
        (("6_3.EndsWhatNeverBegan", "6_3.Later"), "never began"),
        (("6_4.IsDone",), "Canary.Blank is"),
        (("6_5.GoesOn",), "after its end"),
        (("6_6.NobodyAskedFor",), "was not asked for"),
        (("6_8.Floods",), "makes no sense"),
    ],
)
def test_a_report_that_breaks_its_rules_counts_for_nothing(launch, names, complaint):
    status, tasks = launch(*(f"Unit_0{name}" for name in names))
    (task,) = tasks.values()
    assert status == 1 and set(states(task).values()) == {"crash"}
    assert UNBELIEVABLE in task["message"] and complaint in task["message"]


def test_a_program_in_which_failures_vanish_is_found_out(launch):
    _, tasks = launch("Unit_07_1.Flatters")
    assert tasks["07.1"]["state"] == "crash"


def test_an_end_with_status_zero_is_no_end(launch):
    """In every program canaries have failed: nobody who came to its end exits with 0."""
    _, tasks = launch("Unit_06_7.EndsWithZero")
    assert tasks["06.7"]["state"] == "crash" and "status 0" in tasks["06.7"]["message"]


def test_a_process_in_a_session_of_its_own_is_ended_too(launch, programs):
    status, _ = launch("Unit_06_9.HidesAProcess")
    assert status == 0 and running(programs.fixture) == []


def test_memory_has_a_limit_and_a_message_of_its_own(launch):
    _, tasks = launch("Unit_07_2.Allocates", arguments=("--memory", "1000"))
    assert tasks["07.2"]["state"] == "wrong" and "more memory than a task may use, 1000 MiB" in tasks["07.2"]["message"]


def test_a_terminal_obeys_nothing_that_a_message_holds(launch):
    _, tasks = launch("Unit_07_3.Paints")
    message = tasks["07.3"]["message"]
    assert all(c in "\n\t" or c.isprintable() for c in message)
    assert "\\x1b[2J" in message and "\\x07" in message and "\\x9b" in message and "\t a tab" in message


def test_a_program_that_does_not_say_what_it_was_built_from_is_refused(programs, tmp_path):
    cases = tmp_path / "cases.txt"
    cases.write_text("Unit_02_1.Passes\n")
    done = run_plain(programs, cases, "--sources", tmp_path)
    assert done.returncode == 2 and "was not built from these files" in done.stderr


def test_a_forked_copy_does_not_report(launch):
    status, tasks = launch("Unit_03_6.Forks")
    assert (status, tasks["03.6"]["passed"]) == (0, 1)


def test_processes_left_behind_are_ended(launch):
    start = time.monotonic()
    status, _ = launch("Unit_03_7.LeavesAProcess")
    assert status == 0 and time.monotonic() - start < 10


def test_messages_are_trimmed_and_always_text(launch):
    _, tasks = launch("Unit_03_8.Prints")
    message = tasks["03.8"]["message"]
    assert tasks["03.8"]["state"] == "wrong"
    assert 1900 < len(message.encode()) < 2100 and "�" in message


def test_files_of_tests_are_removed(launch):
    assert launch("Unit_03_9.LeavesAFile")[0] == 0


def test_parametrised_names(launch):
    status, tasks = launch("Small/Unit_04_1.Holds/0", "Small/Unit_04_1.Holds/1")
    assert (status, tasks["04.1"]["passed"]) == (0, 2)


def test_endless_output_is_stopped(launch):
    _, tasks = launch("Unit_04_4.FillsTheDisk")
    assert tasks["04.4"]["state"] == "crash" and "512 MiB" in tasks["04.4"]["message"]


@pytest.mark.parametrize(
    "name",
    [
        "GTEST_SHUFFLE",
        "TESTBRIDGE_TEST_ONLY",
        "TESTBRIDGE_TEST_RUNNER_FAIL_FAST",
        "TEST_PREMATURE_EXIT_FILE",
        "XML_OUTPUT_FILE",
        "TEST_TMPDIR",
    ],
)
def test_gtest_switches_of_the_environment_do_not_leak(launch, name):
    assert launch("Unit_04_5.ReadsTheEnvironment", environment={name: "1"})[0] == 0


@pytest.mark.parametrize("how, words", [("FIXTURE_HANGS", "before its first case"), ("FIXTURE_DIES", "SIGABRT")])
def test_death_before_the_first_case(launch, how, words):
    status, tasks = launch("Unit_02_1.Passes", scale="0.05", environment={how: "1"})
    assert (status, tasks["02.1"]["state"]) == (1, "crash")
    assert words in tasks["02.1"]["message"]


def run_plain(programs, cases, *arguments, fixture=None):
    command = [programs.launcher, "--exe", fixture or programs.fixture, "--cases", cases, *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def test_a_typo_never_passes(programs, tmp_path):
    cases = tmp_path / "cases.txt"
    cases.write_text("Unit_02_1.Passes\n")
    done = run_plain(programs, cases, "--task", "02.7")
    assert done.returncode == 2 and "no expected case matches --task 02.7" in done.stderr
    assert run_plain(programs, cases, "--kind", "unitt").returncode == 2
    assert run_plain(programs, tmp_path / "none.txt").returncode == 2
    cases.write_text("")
    assert run_plain(programs, cases).returncode == 2
    cases.write_text("Unit_2_1.Passes\n")
    done = run_plain(programs, cases)
    assert done.returncode == 2 and "cases.txt:1" in done.stderr


def test_a_program_that_is_not_there(programs, tmp_path):
    cases = tmp_path / "cases.txt"
    cases.write_text("Unit_02_1.Passes\n")
    done = run_plain(programs, cases, fixture=tmp_path / "test_02_own")
    assert done.returncode == 2 and "Build it first" in done.stderr


def test_text_for_people(programs, tmp_path):
    cases = tmp_path / "cases.txt"
    cases.write_text("Unit_02_2.Passes\nUnit_02_2.Fails\n")
    done = run_plain(programs, cases)
    lines = done.stdout.splitlines()
    assert lines[0].startswith("wrong Unit_02_2.Fails  (tools/tests/fixture.cpp:")
    assert lines[-1].startswith("1 of 2 cases passed, 1 wrong (")


def running(program):
    """Processes that run this very program."""
    found = []
    for link in Path("/proc").glob("[0-9]*/exe"):
        try:
            found += [link.parent.name] if os.readlink(link) == str(program) else []
        except OSError:
            pass  # it has ended, or it is not ours
    return found


def test_interrupt_ends_everything(programs, tmp_path):
    cases = tmp_path / "cases.txt"
    cases.write_text("Unit_02_7.Loops\nUnit_02_8.Sleeps\nUnit_02_9.NeverReached\n")
    process = subprocess.Popen(
        [programs.launcher, "--exe", programs.fixture, "--cases", cases, "--jobs", "2"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 5
    while len(running(programs.fixture)) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(running(programs.fixture)) == 2
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=5)
    assert process.returncode == 128 + signal.SIGINT
    assert running(programs.fixture) == []
    assert [path.name for path in tmp_path.iterdir()] == ["cases.txt"]
