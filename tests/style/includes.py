#!/usr/bin/env python3
"""Who may include whom. Fails on an include that runs up the floors, and on a circle of headers.

Usage: includes.py [repository]. core's floors are the order of the add_subdirectory lines in core/CMakeLists.txt: a folder
may include itself and those above it there. ui includes core, app includes both; the studio's rooms are listed below.
"""
import os
import re
import sys

GROUND = {"core/errors.h", "core/seeds.h", "core/precompiled.h"}  # files of core itself, below every floor

# Folders of ui and app: what each may include of its own top folder beside itself.
ROOMS = {
    "ui/widgets": [],
    "ui/jobs": ["ui/widgets"],
    "ui/models": ["ui/widgets", "ui/jobs"],
    "ui/photo": ["ui", "ui/widgets", "ui/jobs", "ui/models"],
    "ui/song": ["ui", "ui/widgets", "ui/jobs", "ui/models"],
    "ui/compare": ["ui", "ui/widgets", "ui/jobs", "ui/models"],
    "ui/shell": ["ui", "ui/widgets", "ui/jobs", "ui/models", "ui/photo", "ui/song", "ui/compare"],
    "ui": [],
    "app/command_line": ["app"],
    "app/commands": ["app/command_line"],
    "app": ["app/command_line"],
}


def sources(root):
    for top in ("core", "ui", "app"):
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in names:
                if name.endswith((".h", ".cpp", ".cu")):
                    yield os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")


def includes(root, file):
    with open(os.path.join(root, file), encoding="utf-8") as text:
        for number, line in enumerate(text, 1):
            found = re.match(r'\s*#\s*include\s+"((?:core|ui|app)/[^"]+)"', line)
            if found:
                yield number, found.group(1)


def room(file):
    """A floor of core, or the longest listed folder that holds the file."""
    folder = os.path.dirname(file)
    if folder.startswith("core/"):
        return "/".join(folder.split("/")[:2])
    while folder not in ROOMS and "/" in folder:
        folder = os.path.dirname(folder)
    return folder


def why_not(floors, file, included):
    """None where file may include `included`."""
    top, other = file.split("/")[0], included.split("/")[0]
    if top != other:
        order = ["core", "ui", "app"]
        return None if order.index(other) < order.index(top) else f"{top} may not know {other}"
    if top == "core":
        if included in GROUND:
            return None
        here, there = (name.split("/")[1] for name in (file, included))
        if file in GROUND or here not in floors or there not in floors:
            return f"core/CMakeLists.txt lists no floor for {file} or {included}"
        return None if floors.index(there) <= floors.index(here) else f"{there} lies above {here} in core/CMakeLists.txt"
    here, there = room(file), room(included)
    if here == there or there in ROOMS.get(here, []):
        return None
    return f"{here} may not know {there}"


def circle(graph):
    """A list of files that include each other in a ring, or None."""
    state, path = {}, []

    def visit(file):
        state[file] = "open"
        path.append(file)
        for other in graph.get(file, ()):
            if state.get(other) == "open":
                return path[path.index(other):] + [other]
            if other not in state:
                ring = visit(other)
                if ring:
                    return ring
        state[file] = "done"
        path.pop()
        return None

    for file in graph:
        if file not in state:
            ring = visit(file)
            if ring:
                return ring
    return None


def folder_circle(floors_of):
    """A ring between folders, or None; files of one folder may know each other."""
    return circle({folder: sorted(others - {folder}) for folder, others in floors_of.items()})


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    with open(os.path.join(root, "core/CMakeLists.txt"), encoding="utf-8") as text:
        floors = re.findall(r"^\s*add_subdirectory\((\w+)\)", text.read(), re.MULTILINE)
    problems, graph, folders = [], {}, {}
    for file in sorted(sources(root)):
        graph[file] = []
        for number, included in includes(root, file):
            graph[file].append(included)
            folders.setdefault(room(file), set()).add(room(included))
            reason = why_not(floors, file, included)
            if reason:
                problems.append(f'{file}:{number}: includes "{included}": {reason}')
            elif not os.path.exists(os.path.join(root, included)) and not included.startswith("core/build"):
                problems.append(f'{file}:{number}: includes "{included}", which is not there')
    ring = circle(graph)
    if ring:
        problems.append("a circle: " + " -> ".join(ring))
    ring = folder_circle(folders)
    if ring:
        problems.append("a circle of folders: " + " -> ".join(ring))
    print("\n".join(problems) or f"{len(graph)} files, no include that runs up and no circle")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
