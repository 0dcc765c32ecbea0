"""All pages of the site, made from the tree into site/pages. Nothing in that folder is written by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ..basics.errors import RushError
from ..basics.files import read_json, write_atomic
from ..course.manifest import Module
from ..course.release import for_students
from ..course.tree import Tree
from .api import Api, api_page, read_api
from .course_map import course_map
from .lessons import expand, lesson_page, widget
from .markdown import fence, front_matter, rewrite_links, source_page
from .milestone_run import about_run, caption, order
from .proofs import mutants_page, obligations_page

# Documents of the tree that are pages under another name; everything else that a link leads to is shown as a source.
DOCUMENTS = {
    "README.md": "start",
    "CONTRIBUTING.md": "contributing",
    "CHANGELOG.md": "changelog",
    "docs/instructors.md": "docs/instructors",
    "docs/verdicts.md": "docs/verdicts",
    "docs/performance.md": "docs/performance",
    "docs/compare.md": "docs/compare",
    "milestones/README.md": "milestones/index",
    "tests/benchmarks/results.md": "benchmarks/results",
    "tests/benchmarks/README.md": "benchmarks/index",
    "tests/SPECIFICATION.md": "proofs/specification",
    "tools/README.md": "docs/tools",
}
LANGUAGES = {"cpp": "cpp", "hpp": "cpp", "json": "json", "py": "python", "sh": "sh", "md": "md", "txt": "text"}
ROW = re.compile(r"^\| (\d\d) \| \[[^\]]+\]\([^)]+\) \| (.+) \|$", re.MULTILINE)


class Pages:
    """Collects pages while they refer to each other, then writes them all. `module`: what wasm.py built, for the live parts."""

    def __init__(self, tree: Tree, staff: bool, module: Path | None = None) -> None:
        self.tree, self.staff, self.module = tree, staff, module
        self.live = module is not None
        self.site = tree.root / "site"
        self.texts: dict[str, str] = {}  # "modules/05_autograd" -> Markdown
        self.files: dict[str, bytes] = {}  # "pictures/x.svg" -> content
        self.course: dict = {}

    def make(self) -> None:
        api = read_api(self.tree)
        self.course = course_facts(self.tree, self.site, self.staff)
        for module in written(self.tree):
            self.texts[f"modules/{module.name}"] = lesson_page(self.tree, module, api, self.place, self.live)
            self.texts[f"api/{module.name}"] = api_page(self.tree, module, api)
            for name in module.files:
                self.place(f"modules/{module.name}/{name}")
                if self.staff and self.tree.has_solutions:
                    self.place(f"solutions/{module.name}/{name}")
        for path, page in DOCUMENTS.items():
            if (self.tree.root / path).is_file():
                self.texts[page] = self.document(path, api)
        for name, (folder, facts) in self.tree.milestones.items():
            self.texts[f"milestones/{folder.name}"] = self.milestone(folder, facts, api)
        self.texts["proofs/obligations"] = obligations_page(self.tree)
        if (mutants := mutants_page(self.tree, self.staff)) is not None:
            self.texts["proofs/mutants"] = mutants
        documents = {"contributing": "How to contribute", "changelog": "What changed"}
        self.course["documents"] = [{"text": text, "link": f"/{page}"} for page, text in documents.items() if page in self.texts]
        self.course["mutants"] = "proofs/mutants" in self.texts
        self.own_pages()
        self.files |= {
            f"public/{path.relative_to(self.site / 'public')}": path.read_bytes()
            for path in (self.site / "public").glob("**/*")
            if path.is_file()
        }
        self.course["live"] = self.live
        if self.module:
            self.files["public/rushlight.wasm"] = self.module.read_bytes()
        write_pages(self.site / "pages", self.texts, self.files, self.course)

    def place(self, path: str) -> str:
        """Where on the site something of the tree is. What is no page becomes one that shows the file."""
        if path in DOCUMENTS:
            return "/" + DOCUMENTS[path].removesuffix("index")
        lesson = re.fullmatch(r"(modules/[^/]+)(/README\.md)?|(milestones/[^/]+)/README\.md", path)
        if lesson and (self.tree.root / path).exists():
            return "/" + (lesson[1] or lesson[3])
        source = self.tree.root / path
        if not source.is_file():
            raise RushError(f"a document links to {path}, which is not there.", "mend the link.")
        if source.suffix in (".svg", ".png", ".jpg"):
            self.files[f"public/pictures/{path}"] = source.read_bytes()
            return f"/pictures/{path}"
        text = source.read_text(encoding="utf-8")
        head = front_matter(title=path, kind="source", search=False, outline=False)
        shown = fence(text, LANGUAGES.get(source.suffix.removeprefix("."), "text"))
        self.texts[source_page(path)] = f"{head}# {Path(path).name}\n\n`{path}`\n\n{shown}"
        return f"/{source_page(path)}"

    def document(self, path: str, api: Api) -> str:
        text = (self.tree.root / path).read_text(encoding="utf-8")
        text = text if self.staff else for_students(text)
        text = expand(self.tree, text, path, api, self.live)
        name = DOCUMENTS.get(path, "").rpartition("/")[2]
        return front_matter(kind="document", pageClass=f"about-{name}") + rewrite_links(text, str(Path(path).parent), self.place)

    def milestone(self, folder: Path, facts: dict, api: Api) -> str:
        readme = folder / "README.md"
        here = f"milestones/{folder.name}"
        if readme.is_file():
            body = self.document(f"{here}/README.md", api)
        else:
            body = front_matter(kind="document", title=facts["title"])
            body += f"# {facts['year']}: {facts['title']}\n\n"
            told = re.sub(r"--\w+", r"<code>\g<0></code>", story((folder / "main.cpp").read_text(encoding="utf-8")))
            body += f'<p class="story" v-pre>{told}</p>\n\n'
        if "\n## Run it\n" in body:
            body += "\n\n## What it needs\n\n"
        else:
            body += f"\n\n## Run it\n\n```sh\nscripts/rush milestone {facts['name']}\n```\n\n"
        needs = "module 01" if facts["needs"] == "01" else f"modules 01 to {facts['needs']}"
        body += f"It needs {needs}. Its bar and its control: [all milestones](/milestones/).\n\n"
        found = sorted((path for kind in ("svg", "png") for path in folder.glob(f"pictures/*.{kind}")), key=lambda path: order(path.stem))
        pictures = [path for path in found if f"/pictures/{path.name})" not in body]  # those that the text does not show itself
        run = about_run(folder / "pictures" / "run.json")
        if pictures or run:
            body += "## One run\n\n" + run
        for picture in pictures:
            where = self.place(f"{here}/pictures/{picture.name}")
            body += f'![{caption(picture.stem)}]({where})\n\n<p class="caption">{caption(picture.stem)}.</p>\n\n'
        main = self.place(f"{here}/main.cpp")
        return body + f"## The program\n\n[{here}/main.cpp]({main}) is all of it, or what ties its parts together.\n"

    def own_pages(self) -> None:
        """The few pages that exist for the site alone; a comment says where what is generated goes."""
        parts = {
            "map": lambda: course_map(self.course["modules"], self.course["milestones"]),
            "program": lambda: first_program(self.tree),
            "cards": lambda: "<ModuleCards />",
            "live": lambda: "## Watch it learn {#live}\n\n" + widget("NetPlayground", self.live),
        }
        for path in sorted((self.site / "content").glob("**/*.md")):
            text = path.read_text(encoding="utf-8")
            text = re.sub(r"<!-- generated: (\w+) -->", lambda found: parts[found[1]](), text)
            self.texts[str(path.relative_to(self.site / "content").with_suffix(""))] = text


def written(tree: Tree) -> list[Module]:
    """Modules that have their lesson. One that is still being written stays among the planned ones."""
    return [module for module in tree.modules.values() if (module.folder / "README.md").is_file()]


def course_facts(tree: Tree, site: Path, staff: bool) -> dict:
    """What the theme needs to know: modules in order, there or planned, and milestones."""
    builds = dict(ROW.findall((tree.root / "README.md").read_text(encoding="utf-8")))
    modules = []
    for module in written(tree):
        if module.number not in builds:
            raise RushError(
                f"README.md has no line for module {module.number} in its table of modules.",
                f"add: | {module.number} | [{module.name[3:]}](modules/{module.name}/README.md) | what one builds |",
            )
        tasks = [{"id": task.id, "title": task.title, "points": task.points} for task in module.tasks]
        modules.append(
            {
                "number": module.number, "name": module.name, "title": module.title, "tier": module.tier,
                "hours": read_json(module.folder / "module.json")["hours"], "needs": list(module.needs),
                "points": module.points, "tasks": tasks, "builds": builds[module.number].replace("`", ""), "there": True,
            }
        )  # fmt: skip
    for entry in read_json(site / "planned.json"):
        if entry["number"] not in [module["number"] for module in modules]:
            modules.append(entry | {"there": False, "name": "", "tasks": []})
    milestones = [
        {"folder": folder.name} | {key: facts[key] for key in ("name", "year", "title", "needs")}
        for folder, facts in tree.milestones.values()
    ]
    return {"modules": sorted(modules, key=lambda m: m["number"]), "milestones": milestones, "staff": staff}


def story(program: str) -> str:
    """What a milestone's program says about itself: its string literals after .story."""
    found = re.search(r"\.story =\s*((?:\"(?:[^\"\\]|\\.)*\"\s*)+)", program)
    if not found:
        raise RushError("a milestone's main.cpp has no .story.", "see milestones/1986_mlp/main.cpp.")
    return " ".join(re.findall(r"\"((?:[^\"\\]|\\.)*)\"", found[1])).replace("\\n", " ").replace("  ", " ")


def first_program(tree: Tree) -> str:
    """The README's first C++ block, which .ci/readme_program compiles and runs, and what it prints."""
    blocks = re.findall(r"^```(cpp|text)\n(.*?)^```$", (tree.root / "README.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    program = next(text for language, text in blocks if language == "cpp")
    output = next(text for language, text in blocks if language == "text")
    return "::: code-group\n" + fence(program, "cpp [the program]") + fence(output, "text [what it prints]") + ":::"


def write_pages(folder: Path, texts: dict[str, str], files: dict[str, bytes], course: dict) -> None:
    """Only what changed is written, so that a server that watches the folder reloads no more than that."""
    wanted = {f"{name}.md": text.encode() for name, text in texts.items()} | files
    wanted["course.json"] = json.dumps(course, ensure_ascii=False, indent=1).encode()
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and str(path.relative_to(folder)) not in wanted:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    for name, content in wanted.items():
        path = folder / name
        if path.is_file() and path.read_bytes() == content:
            continue
        if name.endswith((".md", ".json")):
            write_atomic(path, content.decode())
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
