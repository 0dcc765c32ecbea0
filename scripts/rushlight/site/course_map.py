"""The modules as a graph: what each one needs, drawn; a click leads to its lesson."""

import html

from .drawings import draw, reduced


def course_map(modules: list[dict], milestones: list[dict]) -> str:
    """`modules` as in course.json. Arrows that others imply are left out; what is only planned is dashed."""
    lines = [
        "digraph course { rankdir=LR; nodesep=0.14; ranksep=0.3; ",
        'node [shape=box style="rounded" margin="0.11,0.05" height=0.4 fontsize=13]; edge [arrowsize=0.55];',
    ]
    lines += [f"m{m['number']} -> m{module['number']};" for module in modules for m in modules if m["number"] in module["needs"]]
    lines += [_node(module) for module in modules]
    lines += [
        f'y{m["year"]} [label="{m["year"]} {m["name"].replace("_", chr(92) + "n")}" shape=box style="" fontsize=11 class="milestone"'
        f' URL="milestones/{m["folder"]}.html" target="_self" tooltip="{html.escape(m["title"])}"]; m{m["needs"]} -> y{m["year"]} [style=dotted];'
        for m in milestones
        if any(module["number"] == m["needs"] for module in modules)
    ]
    return draw(reduced("\n".join(lines) + "}", "the map of the modules"), "the map of the modules", "course-map")


def _node(module: dict) -> str:
    label = f"{module['number']}\\n{module['title']}"
    style = "" if module["there"] else ' style="rounded,dashed"'
    link = f' URL="modules/{module["name"]}.html" target="_self"' if module["there"] else ""
    tip = html.escape(module["builds"] + ("" if module["there"] else " (planned)"))
    return f'm{module["number"]} [label="{label}" class="tier-{module["tier"]}" tooltip="{tip}"{style}{link}];'
