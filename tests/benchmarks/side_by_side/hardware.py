"""The machine that figures are of."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def hardware(cpuinfo: Path = Path("/proc/cpuinfo"), meminfo: Path = Path("/proc/meminfo")) -> str:
    """Processor, cores that this process may use, memory, how busy the machine is."""
    cores = len(os.sched_getaffinity(0))
    parts = [processor(_text(cpuinfo)), f"{cores} cores", f"{memory_gib(_text(meminfo)):.0f} GiB"]
    return f"{', '.join(parts)}, Python {platform.python_version()}, load average {os.getloadavg()[0]:.1f}"


def processor(cpuinfo: str) -> str:
    """Its name, with the integer units that int8 arithmetic depends on."""
    fields = dict(line.split(":", 1) for line in cpuinfo.splitlines() if ":" in line)
    found = {key.strip(): value.strip() for key, value in fields.items()}
    flags = found.get("flags", "").split()
    units = [name for flag, name in (("amx_int8", "AMX"), ("avx512_vnni", "VNNI"), ("avx2", "AVX2")) if flag in flags]
    name = found.get("model name", platform.machine())
    return f"{name} ({units[0]})" if units else name


def memory_gib(meminfo: str) -> float:
    """Of the whole machine; 0 where it is not told."""
    total = next((line.split()[1] for line in meminfo.splitlines() if line.startswith("MemTotal")), "0")
    return int(total) / 2**20


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""
