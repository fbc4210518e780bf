"""How fast do machines read memory and multiply, by their makers' own sheets?

Peak figures that no program reaches: what is computed from them is a bound, not a promise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Device:
    """One machine."""

    name: str
    kind: str  # "GPU", "CPU", "phone", "board"
    memory: float  # bytes that a model can use
    bandwidth: float  # bytes a second
    arithmetic: float  # floating-point operations a second, 16 bits, dense; of a CPU 32 bits
    source: str


DEVICES: Final = (
    Device("Raspberry Pi 5, 8 GB", "board", 8e9, 17.1e9, 77e9, "LPDDR4X-4267, 32 bits; 4 cores x 2.4 GHz x 8 FLOP"),
    Device(
        "Laptop, DDR4-3200, 4 cores", "CPU", 16e9, 51.2e9, 400e9, "two channels; 4 cores x 3.1 GHz x 32 FLOP (AVX2)"
    ),
    Device("Desktop, DDR5-5600, 16 cores", "CPU", 64e9, 89.6e9, 2.3e12, "two channels; 16 cores x 4.5 GHz x 32 FLOP"),
    Device("Apple M2", "GPU", 24e9, 100e9, 3.6e12, "Apple's newsroom, June 2022"),
    Device("Apple M3 Max", "GPU", 128e9, 400e9, 14.2e12, "Apple's newsroom, October 2023; 40 GPU cores"),
    Device("NVIDIA T4", "GPU", 16e9, 320e9, 65e12, "NVIDIA T4 data sheet"),
    Device("NVIDIA RTX 4090", "GPU", 24e9, 1008e9, 165.2e12, "NVIDIA Ada architecture white paper, float32 accumulate"),
    Device("NVIDIA A100 80 GB", "GPU", 80e9, 2039e9, 312e12, "NVIDIA A100 data sheet, SXM"),
    Device("NVIDIA H100 80 GB", "GPU", 80e9, 3350e9, 989.4e12, "NVIDIA H100 data sheet, SXM, dense"),
    Device("Google TPU v5e", "NPU", 16e9, 819e9, 197e12, "Google Cloud TPU documentation, v5e"),
)
