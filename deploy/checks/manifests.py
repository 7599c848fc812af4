"""Whether the resources on standard input keep what deploy/kubernetes promises: no rights, no writable root, limits,
probes, secrets by reference; and whether whatever selects pods finds some."""

import sys

import yaml

resources = [resource for resource in yaml.safe_load_all(sys.stdin) if resource]
problems = []


def check(fine, resource, what):
    if not fine:
        problems.append(f"{resource['kind']} {resource['metadata']['name']}: {what}")


def check_container(resource, container, serves):
    context = container.get("securityContext", {})
    name = container["name"]
    check(context.get("allowPrivilegeEscalation") is False, resource, f"{name} may get more rights")
    check(context.get("readOnlyRootFilesystem") is True, resource, f"{name} may write to its root")
    check(context.get("capabilities", {}).get("drop") == ["ALL"], resource, f"{name} keeps capabilities")
    quantities = container.get("resources", {})
    check("memory" in quantities.get("limits", {}), resource, f"{name} may take all memory")
    check({"cpu", "memory"} <= quantities.get("requests", {}).keys(), resource, f"{name} requests nothing")
    if serves:
        check("livenessProbe" in container and "readinessProbe" in container, resource, f"{name} is not probed")
    for variable in container.get("env", []):
        plain = "value" in variable
        secret = variable["name"].endswith(("_URL", "_SECRET", "_PASSWORD", "EVENT_LOG"))
        check(not (plain and secret), resource, f"{variable['name']} is no reference to a secret")


def check_pods(resource):
    pod = resource["spec"]["template"]["spec"]
    context = pod.get("securityContext", {})
    check(context.get("runAsNonRoot") is True and context.get("runAsUser"), resource, "may run as root")
    check(context.get("seccompProfile", {}).get("type") == "RuntimeDefault", resource, "has no seccomp profile")
    check(pod.get("automountServiceAccountToken") is False, resource, "holds a token for the cluster")
    for container in pod["containers"]:
        check_container(resource, container, serves=resource["kind"] == "Deployment")
    for container in pod.get("initContainers", []):
        check_container(resource, container, serves=False)


def matches(selector, labels):
    wanted = selector.get("matchLabels", {}).items() <= labels.items()
    return wanted and all(
        labels.get(rule["key"]) in rule["values"] for rule in selector.get("matchExpressions", [])
    )


def check_selectors(resource, pods):
    spec = resource["spec"]
    selector = {
        "Service": {"matchLabels": spec.get("selector")},
        "PodDisruptionBudget": spec.get("selector"),
        "NetworkPolicy": spec.get("podSelector"),
    }.get(resource["kind"])
    if selector is not None:
        check(any(matches(selector, labels) for labels in pods), resource, "selects no pod")
    if resource["kind"] == "HorizontalPodAutoscaler":
        names = {(r["kind"], r["metadata"]["name"]): r for r in resources}
        target = names.get((spec["scaleTargetRef"]["kind"], spec["scaleTargetRef"]["name"]))
        check(target and "replicas" not in target["spec"], resource, "has no target, or fights with its replicas")


pods = [r["spec"]["template"]["metadata"]["labels"] for r in resources if r["kind"] in ("Deployment", "Job")]
for resource in resources:
    if resource["kind"] in ("Deployment", "Job"):
        check_pods(resource)
    elif "spec" in resource:
        check_selectors(resource, pods)
check(not [r for r in resources if r["kind"] == "Secret"], resources[0], "a secret is part of the kustomization")
for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(1 if problems or not pods else 0)
