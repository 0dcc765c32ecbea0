"""`rush mutants`: hands over to tools/mutants.py, where the mutants are."""


def test_the_matrix_is_asked_for_with_what_a_naive_check_says(course):
    course.write("tools/mutants.py", "import sys; print(*sys.argv[1:]); sys.exit(3)")
    answer = course.rush("mutants", "01")
    assert answer.code == 3 and answer.out.startswith("01 --naive --build ")
    assert course.rush("mutants", "01", "--json").out.startswith("01 --json --naive --build ")


def test_without_the_reference_there_are_none(course):
    answer = course.rush("mutants", "01")
    assert answer.code == 2 and "this copy of the course has none" in answer.err
