"""Whether deploy/gateway/default.conf.template fits the services: every operation of openapi.json reaches the service
that has it, wrong methods reach one that can name the right ones, and nginx's own texts are those of the catalogue."""

import json
import re
import sys
from pathlib import Path

root = Path(__file__).resolve().parents[2]
template = (root / "deploy/gateway/default.conf.template").read_text()
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
problems = []


def read_map(variable):
    """The entries of `map … $variable`, in order: (pattern, value)."""
    body = re.search(r"map [^{]*\$" + variable + r" \{\n(.*?)\n\}", template, re.S).group(1)
    entry = re.compile(r"""^\s*("[^"]*"|\S+)\s+("[^"]*"|'[^']*'|\S+);$""", re.M)
    return [(key.strip('"'), value.strip("\"'")) for key, value in entry.findall(body)]


def look_up(entries, text):
    """As nginx does: an equal text first, then the first regular expression that matches, then the default."""
    for key, value in entries:
        if key == text:
            return value
    for key, value in entries:
        if key.startswith("~") and re.search(key[1:].replace("(?<", "(?P<"), text):
            return value
    return dict(entries)["default"]


# What command-api alone knows, reads and writes.
ITS_OWN = "/api/v1/privacy/"


def check_routes():
    service, both_allow = read_map("service"), read_map("both_allow")
    for path, operations in json.loads((root / "openapi.json").read_text())["paths"].items():
        named = re.sub(r"\{[^}]*\}", "x", path)
        methods = {name.upper() for name in operations} & set(METHODS)
        reads, writes = "GET" in methods, bool(methods - {"GET"})
        if path.startswith(ITS_OWN):
            reads, writes = False, True
        for method in METHODS:
            read = reads and (method in ("GET", "HEAD") or not writes)
            wanted = "query_api" if read else "command_api"
            if look_up(service, f"{method} {named}") != wanted:
                problems.append(f"{method} {path} should go to {wanted}: see `map … $service`")
        allowed = set(filter(None, look_up(both_allow, named).split(",")))
        wanted = methods | {"HEAD"} if reads and writes else set()
        if allowed != wanted:
            problems.append(f"{path} allows {sorted(wanted)}: see `map … $both_allow`")


def check_texts():
    for language, variable in (("en", "english"), ("tr", "turkish")):
        catalogue = (root / f"crates/web/locales/{language}/main.ftl").read_text()
        texts = set(re.findall(r"^problem-\S+ = (.*)$", catalogue, re.M))
        for status, text in read_map(variable):
            if status != "volatile" and text not in texts:
                problems.append(f"{status} in $%s is not a text of the catalogue: {text}" % variable)


check_routes()
check_texts()
for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(1 if problems else 0)
