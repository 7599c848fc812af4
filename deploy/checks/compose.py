"""Whether the compose project on standard input, as `config --format json` prints it, keeps what its head promises:
only 127.0.0.1 is listened on, and the files that it mounts are there."""

import json
import sys
from pathlib import Path

# Made as the head of compose.yaml says, and never committed.
secrets = Path(__file__).resolve().parents[1] / "secrets"
problems = []
for name, service in json.load(sys.stdin)["services"].items():
    for port in service.get("ports", []):
        if port.get("host_ip") != "127.0.0.1":
            problems.append(f"{name} listens beyond this host: {port}")
    for volume in service.get("volumes", []):
        if volume["type"] == "bind" and not (path := Path(volume["source"])).exists() and secrets not in path.parents:
            problems.append(f"{name} mounts {volume['source']}, which is not there")
    if service.get("privileged") or "no-new-privileges:true" not in service.get("security_opt", []):
        problems.append(f"{name} may get more rights than it has")
for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(1 if problems else 0)
