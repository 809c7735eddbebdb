"""What operators copy is right: units, manifests, compose and Procfile fit the code."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import yaml
from pydantic import AnyUrl

from reelqueue.config import Settings
from tests.conftest import PATIENCE_SECONDS, ROOT, find_free_port, wait_for_end, wait_until

UNITS = ROOT / "deploy" / "systemd"
MANIFESTS = ROOT / "deploy" / "kubernetes"
PROCESSES = dict(re.findall(r"^(\w+): (.+)$", (ROOT / "Procfile").read_text(), re.MULTILINE))
WEB_PATIENCE_SECONDS = 30  # gunicorn's graceful_timeout
FOREIGN = {"AWS_REGION", "PYTHONUNBUFFERED"}


def read_manifests(*names: str) -> dict[str, Any]:
    """Return the objects of some manifests by `Kind/name`."""
    files = [path for path in MANIFESTS.rglob("*.yaml") if not names or path.name in names]
    objects = [item for path in files for item in yaml.safe_load_all(path.read_text())]
    return {f"{item['kind']}/{item.get('metadata', {}).get('name', '')}": item for item in objects}


def read_pod(name: str) -> dict[str, Any]:
    pod: dict[str, Any] = read_manifests("web.yaml", "worker.yaml", "redis.yaml")[name]["spec"][
        "template"
    ]["spec"]
    return pod


def read_unit(name: str) -> dict[str, list[str]]:
    """Return the settings of a unit: systemd takes several lines of one name."""
    unit: dict[str, list[str]] = {}
    lines = re.findall(r"^(\w+)=(.*)$", (UNITS / name).read_text(), re.MULTILINE)
    for setting, value in lines:
        unit.setdefault(setting, []).append(value)
    return unit


def read_compose() -> dict[str, Any]:
    composed: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    return composed


def read_default(name: str) -> Any:
    return getattr(Settings.from_env({}), name)


PODS = ["Deployment/reelqueue-web", "Deployment/reelqueue-worker", "StatefulSet/reelqueue-redis"]
SERVICES = ["reelqueue-web.service", "reelqueue-worker@.service"]


# --- Kubernetes ---------------------------------------------------------------------------------


def test_manifests_are_what_kubernetes_takes() -> None:
    validate = pytest.importorskip("kubernetes_validate")
    objects = read_manifests()
    checked = {
        name: validate.validate(item, validate.latest_version(), strict=True)
        for name, item in objects.items()
        if not name.startswith(("Kustomization/", "ScaledObject/"))
    }
    assert len(checked) > 7


@pytest.mark.process
@pytest.mark.parametrize("folder", ["base", "volume"])
def test_kustomizations_can_be_built(folder: str) -> None:
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is missing")
    text = subprocess.check_output(["kubectl", "kustomize", MANIFESTS / folder], text=True)
    built = {
        f"{item['kind']}/{item['metadata']['name']}": item for item in yaml.safe_load_all(text)
    }
    assert set(PODS) < set(built)
    for name in PODS[:2]:
        pod = built[name]["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert container["image"] == "registry.example.com/reelqueue:latest"
        mounts = [mount["mountPath"] for mount in container["volumeMounts"]]
        assert mounts == (["/tmp", "/data"] if folder == "volume" else ["/tmp"])
    storage = built["ConfigMap/reelqueue"]["data"]["STORAGE_URL"]
    assert storage.startswith("file:///data" if folder == "volume" else "s3://")


def test_every_manifest_is_in_the_kustomization_or_named_there() -> None:
    text = (MANIFESTS / "base" / "kustomization.yaml").read_text()
    names = {path.name for path in (MANIFESTS / "base").glob("*.yaml")} - {"kustomization.yaml"}
    assert [name for name in names if name not in text] == []
    assert set(yaml.safe_load(text)["resources"]) == names - {"scaling.yaml"}


@pytest.mark.parametrize("name", PODS)
def test_pods_may_do_nothing_that_they_need_not(name: str) -> None:
    pod = read_pod(name)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"memory"} <= set(container["resources"]["limits"])


def test_pods_run_as_the_user_of_the_image() -> None:
    uid = re.search(r"--uid (\d+)", (ROOT / "Dockerfile").read_text())
    assert uid
    for name in PODS[:2]:
        assert read_pod(name)["securityContext"]["runAsUser"] == int(uid[1])


def test_probes_ask_a_route_that_exists_and_a_host_that_is_always_trusted() -> None:
    (web,) = read_pod(PODS[0])["containers"]
    from app import app

    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        get = web[name]["httpGet"]
        assert get["path"] in {rule.rule for rule in app.url_map.iter_rules()}
        assert get["httpHeaders"] == [{"name": "Host", "value": "localhost"}]
        assert get["port"] == web["ports"][0]["name"]
    assert web["ports"][0]["containerPort"] == read_default("port")


def test_pods_have_time_to_drain() -> None:
    web, worker = (read_pod(name) for name in PODS[:2])
    drain = int(read_manifests()["ConfigMap/reelqueue"]["data"]["DRAIN_SECONDS"])
    assert drain == read_default("drain_seconds")
    assert worker["terminationGracePeriodSeconds"] >= drain + 10
    pause = web["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert web["terminationGracePeriodSeconds"] >= pause + WEB_PATIENCE_SECONDS + 5
    assert worker["containers"][0]["command"] == PROCESSES["worker"].split()


def test_scaling_asks_for_the_age_of_the_queue() -> None:
    scaled = read_manifests()["ScaledObject/reelqueue-worker"]
    (trigger,) = scaled["spec"]["triggers"]
    assert scaled["apiVersion"] == "keda.sh/v1alpha1"
    assert f"Deployment/{scaled['spec']['scaleTargetRef']['name']}" in PODS
    assert trigger["type"] == "prometheus"
    assert set(trigger["metadata"]) == {"serverAddress", "query", "threshold"}
    assert trigger["metadata"]["query"] == "max(reelqueue_queue_oldest_seconds)"


# --- all of them --------------------------------------------------------------------------------


def test_settings_that_are_named_exist() -> None:
    named = set(read_manifests()["ConfigMap/reelqueue"]["data"])
    named |= set(read_compose()["web"]["environment"])
    for name in SERVICES:
        named |= set(re.findall(r"([A-Z_]+)=", " ".join(read_unit(name)["Environment"])))
    assert {name for name in named - FOREIGN if name.lower() not in Settings.model_fields} == set()


def test_values_that_are_set_are_taken() -> None:
    settings = Settings.from_env(read_manifests()["ConfigMap/reelqueue"]["data"])
    assert isinstance(settings.redis_url, AnyUrl)
    assert f"Service/{settings.redis_url.host}" in read_manifests()


# --- compose ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["web", "worker", "redis"])
def test_containers_of_compose_may_do_nothing_that_they_need_not(name: str) -> None:
    service = read_compose()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["restart"] == "unless-stopped"


def test_compose_and_manifests_keep_redis_alike() -> None:
    (redis,) = read_pod(PODS[2])["containers"]
    composed = read_compose()["redis"]
    assert (composed["image"], composed["command"]) == (redis["image"], redis["command"])
    assert "noeviction" in redis["command"]


def test_compose_gives_time_to_drain() -> None:
    services = read_compose()
    graces = {name: int(services[name]["stop_grace_period"][:-1]) for name in ("web", "worker")}
    assert graces["web"] > WEB_PATIENCE_SECONDS
    assert graces["worker"] >= read_default("drain_seconds") + 10
    assert services["worker"]["command"] == PROCESSES["worker"].split()
    assert services["web"]["volumes"] == services["worker"]["volumes"] == ["data:/data", "/tmp"]


# --- systemd ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SERVICES)
def test_units_have_time_to_drain_and_stop_their_main_process_first(name: str) -> None:
    unit = read_unit(name)
    seconds = int(unit["TimeoutStopSec"][0])
    least = WEB_PATIENCE_SECONDS if "web" in name else read_default("drain_seconds")
    assert seconds >= least + 5
    assert unit["KillMode"] == ["mixed"]
    assert unit["PartOf"] == unit["WantedBy"] == ["reelqueue.target"]
    assert unit["Restart"] == ["always"]


def test_units_start_what_the_package_has() -> None:
    web, worker = (read_unit(name)["ExecStart"][0].split() for name in SERVICES)
    assert web[1:3] == ["-c", "python:reelqueue.web.server"]
    assert web[3].strip('"') == "reelqueue.web.app:create_app()"
    assert find_spec("reelqueue.web.server")
    scripts = re.search(r"\[project.scripts\]\n(\w+) =", (ROOT / "pyproject.toml").read_text())
    assert scripts
    assert [Path(worker[0]).name, *worker[1:]] == [scripts[1], "worker"]


@pytest.mark.process
@pytest.mark.parametrize("name", SERVICES)
def test_units_are_locked_down(name: str) -> None:
    """`systemd-analyze security` counts what a service may do, from 0 (nothing) to 10."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is missing")
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager"]
    result = subprocess.run([*command, UNITS / name], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.process
def test_units_are_understood_by_systemd(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is missing")
    for unit in UNITS.glob("reelqueue*"):
        text = re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text())
        (tmp_path / unit.name.replace("@.", "@1.")).write_text(text)
    (tmp_path / "reelqueue-worker@.service").write_text(
        (tmp_path / "reelqueue-worker@1.service").read_text()
    )
    units = sorted(str(path) for path in tmp_path.iterdir() if path.suffix != ".sysusers")
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *units]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    ours = [line for line in result.stderr.splitlines() if "reelqueue" in line]
    assert (result.returncode, ours) == (0, [])


# --- Procfile -----------------------------------------------------------------------------------


@pytest.mark.process
def test_procfile_starts_web_and_worker_and_stops_both(redis_url: str, tmp_path: Path) -> None:
    if find_spec("honcho") is None:
        pytest.skip("honcho is not installed: `make test` installs it")
    port = find_free_port()
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": ":".join(sys.path),
        "REDIS_URL": redis_url,
        "STORAGE_URL": (tmp_path / "data").as_uri(),
    }
    command = [sys.executable, "-m", "honcho", "start", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as honcho:
        try:
            wait_until(lambda: count_workers(port) == 1)
            below = psutil.Process(honcho.pid).children(recursive=True)
            assert len(below) >= 4
        finally:
            honcho.send_signal(signal.SIGTERM)
    wait_for_end(below)


def count_workers(port: int) -> int:
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/health", timeout=PATIENCE_SECONDS)
    except httpx.TransportError:
        return -1
    return int(answer.json()["workers"])
