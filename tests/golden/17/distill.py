"""Writes distill.json: a softened divergence and a loss on labels, and their derivatives, in float64.

The loss is written out from its definition, without a log-softmax; the derivatives are complex steps (Squire and Trapp,
1998), exact to rounding and independent of any formula for them.
"""

import json
import pathlib

import numpy

HERE = pathlib.Path(__file__).parent


def softmax(z):
    e = numpy.exp(z)
    return e / e.sum(axis=-1, keepdims=True)


def loss(student, teacher, labels, temperature, alpha):
    p, q = softmax(teacher / temperature), softmax(student / temperature)
    soft = temperature**2 * (p * numpy.log(p / q)).sum(axis=-1).mean()
    picked = numpy.take_along_axis(softmax(student), labels[..., None], axis=-1)
    return alpha * soft + (1 - alpha) * -numpy.log(picked).mean()


def derivative(student, *rest):
    slope = numpy.zeros(student.shape)
    for place in numpy.ndindex(student.shape):
        moved = student.astype(complex)
        moved[place] += 1e-30j
        slope[place] = loss(moved, *rest).imag / 1e-30
    return slope


def main():
    random = numpy.random.default_rng(17)
    cases = []
    for shape in [(3, 4), (2, 3, 5)]:
        for temperature, alpha in [(1, 1), (4, 1), (0.5, 1), (4, 0.9), (2, 0.25), (3, 0)]:
            # What a float holds exactly, so that both sides compute with the same numbers.
            student, teacher = (numpy.float64(numpy.float32(random.normal(0, 2, shape))) for _ in range(2))
            labels = random.integers(0, shape[-1], shape[:-1])
            rest = (teacher, labels, temperature, alpha)
            cases.append({"temperature": temperature, "alpha": alpha, "student": student.tolist(), "teacher": teacher.tolist(),
                          "labels": labels.tolist(), "loss": float(loss(student, *rest)),
                          "gradient": derivative(student, *rest).tolist()})
    (HERE / "distill.json").write_text(json.dumps({"cases": cases}) + "\n")


if __name__ == "__main__":
    main()
