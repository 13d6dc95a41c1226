"""Devices by name: what their makers print. Peaks, without structured sparsity; links count one way.

The makers' sheets could not be opened here, and the years are from memory. Arithmetic, memory and bandwidth were
compared with what public pages quote from them: glennklockwood.com/garden/processors for A100, H100, B200 and TPU v4
(it cites the sheets and white papers); memory and bandwidth of the MI300X with emergentmind.com/topics/amd-
mi300x-gpu. The arithmetic of the MI300X is confirmed by no page that was found; V100 and H200 were not compared with
any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Device:
    """What a device can do in a second, and what it holds.

    Attributes:
        name: how it is asked for.
        flops: multiplications and additions of 16-bit matrices.
        memory: bytes it holds.
        bandwidth: bytes a second between its memory and itself.
        link: bytes a second in one direction to devices of the same node.
        network: bytes a second in one direction to devices of other nodes.
        node: devices in a node.
        source: where the numbers stand.
    """

    name: str
    flops: float
    memory: float
    bandwidth: float
    link: float
    network: float
    node: int
    source: str


DEVICES: Mapping[str, Device] = {
    one.name: one
    for one in (
        Device(
            "v100", 125e12, 32e9, 900e9, 150e9, 12.5e9, 8,
            "NVIDIA V100 datasheet, 2020, column SXM2: NVLink 300 GB/s both ways; DGX-2, 2018: 100 Gb/s a device",
        ),
        Device(
            "a100", 312e12, 80e9, 2039e9, 300e9, 25e9, 8,
            "NVIDIA A100 datasheet, 2021, 80GB SXM: 312 TFLOPS dense, NVLink 600 GB/s; DGX A100, 2020: 200 Gb/s each",
        ),
        Device(
            "a100-40gb", 312e12, 40e9, 1555e9, 300e9, 25e9, 8, "NVIDIA A100 datasheet, 2020, 40GB SXM; DGX A100, 2020"
        ),
        Device(
            "h100", 989.4e12, 80e9, 3350e9, 450e9, 50e9, 8,
            "NVIDIA H100 datasheet, 2022, SXM: 1979 TFLOPS sparse, NVLink 900 GB/s; DGX H100, 2022: 400 Gb/s a device",
        ),
        Device("h200", 989.4e12, 141e9, 4800e9, 450e9, 50e9, 8, "NVIDIA H200 datasheet, 2023, SXM; DGX H200, 2024"),
        Device(
            "b200", 2250e12, 180e9, 8000e9, 900e9, 50e9, 8,
            "NVIDIA DGX B200 datasheet, 2024: 144 PFLOPS sparse FP4, 1,440 GB, 64 and 14.4 TB/s for 8; 400 Gb/s each",
        ),
        Device(
            "mi300x", 1307.4e12, 192e9, 5300e9, 448e9, 50e9, 8,
            "AMD Instinct MI300X data sheet, 2023: 7 Infinity Fabric links of 128 GB/s both ways; 400 Gb/s a device",
        ),
        Device(
            "tpu-v4", 275e12, 32 * 2**30, 1200e9, 150e9, 150e9, 4096,
            "Jouppi et al. 2023, arXiv:2304.01433, table 4: 32 GiB, 6 links of 50 GB/s, a half of it one way",
        ),
    )
}  # fmt: skip
