"""How fast do machines read memory and multiply, by their makers' own figures?

Peak figures that no program reaches: what is computed from them is a bound, not a promise. Of a processor's cores, the
arithmetic is cores x highest clock x operations a clock, with a product and a sum counted as two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True)
class Device:
    """One machine."""

    name: str
    kind: Literal["board", "phone", "CPU", "GPU", "NPU"]
    memory: float  # bytes in all, of which its system takes some
    bandwidth: float  # bytes a second
    arithmetic: float  # floating-point operations a second, dense
    numbers: Literal["16 bits", "32 bits"]  # in which it does so many
    source: str


DEVICES: Final = (
    Device(
        "Raspberry Pi 5, 8 GB", "board", 8e9, 17.1e9, 307.2e9, "16 bits",
        "Raspberry Pi's product brief: LPDDR4X-4267 of 32 bits, 4 Cortex-A76 of 2.4 GHz; Arm's optimization guide of "
        "the core: two pipes of 128 bits",
    ),
    Device(
        "Phone: Snapdragon 8 Gen 3, 12 GB, CPU", "phone", 12e9, 76.8e9, 710.4e9, "16 bits",
        "Qualcomm's product brief: LPDDR5X of 4,800 MHz (64 bits wide), one Cortex-X4 of 3.3 GHz, three Cortex-A720 of "
        "3.2 and two of 3.0; Arm's guides of the cores: four and two pipes of 128 bits. Without its two small cores, "
        "GPU and NPU, whose floating-point figures Qualcomm doesn't give",
    ),
    Device(
        "Laptop: Core i7-1165G7, 16 GB, CPU", "CPU", 16e9, 51.2e9, 601.6e9, "32 bits",
        "Intel's product page: 4 cores of up to 4.7 GHz, two channels of DDR4-3200; 32 operations a clock (one pipe of "
        "512 bits)",
    ),
    Device(
        "Desktop: Ryzen 9 7950X, 64 GB, CPU", "CPU", 64e9, 83.2e9, 2.918e12, "32 bits",
        "AMD's product page: 16 cores of up to 5.7 GHz, two channels of DDR5-5200; 32 operations a clock (two pipes of "
        "256 bits)",
    ),
    Device(
        "Laptop: Core Ultra 9 288V, 32 GB, NPU", "NPU", 32e9, 136.5e9, 24e12, "16 bits",
        "Intel's Tech Tour 2024 (Lunar Lake): 48 TOPS in int8, half as many products in float16; LPDDR5X-8533 of 128 "
        "bits",
    ),
    Device("Apple M2, 24 GB", "GPU", 24e9, 100e9, 3.6e12, "32 bits", "Apple's presentation of the M2, June 2022"),
    Device(
        "Apple M1 Max, 64 GB", "GPU", 64e9, 400e9, 10.4e12, "32 bits",
        "Apple's presentation of the M1 Max, October 2021",
    ),
    Device("NVIDIA T4", "GPU", 16e9, 320e9, 65e12, "16 bits", "NVIDIA's data sheet of the T4"),
    Device(
        "NVIDIA RTX 4090", "GPU", 24e9, 1008e9, 165.2e12, "16 bits",
        "NVIDIA's white paper of the Ada architecture, sums in float32",
    ),
    Device("Google TPU v5e", "NPU", 16e9, 819e9, 197e12, "16 bits", "Google Cloud's documentation of the TPU v5e"),
    Device("NVIDIA A100 80 GB", "GPU", 80e9, 2039e9, 312e12, "16 bits", "NVIDIA's data sheet of the A100, SXM"),
    Device(
        "NVIDIA H100 80 GB", "GPU", 80e9, 3350e9, 989.4e12, "16 bits",
        "NVIDIA's data sheet of the H100, SXM: 1,979 TFLOP/s with sparsity, half of that without",
    ),
)  # fmt: skip
