"""`tiphys demo`: breaks real services and watches the whole chain heal them."""

from __future__ import annotations

import asyncio

import click


@click.command(
    short_help="Break real services and watch them being healed.", epilog="Example: tiphys demo --scene wedged"
)
@click.option(
    "--scene", "scenes", multiple=True, metavar="NAME", help="Play only this scene; may be given several times."
)
@click.option("--fast", is_flag=True, help="Let the practice cluster's seconds pass faster, as the tests do.")
@click.option("--prometheus", is_flag=True, help="Let the real Prometheus and Alertmanager raise the alerts.")
def demo(scenes: tuple[str, ...], *, fast: bool, prometheus: bool) -> int:
    """Play the scenes of the demo on a practice cluster; needs no key, cluster, container or database.

    The exit status is 0 only when everything that was promised was seen.
    """
    from rich.console import Console

    from tiphys.demo.play import play
    from tiphys.demo.scenes import SCENES
    from tiphys.errors import Refused

    if unknown := [name for name in scenes if name not in SCENES]:
        raise Refused(f"there is no scene {unknown[0]}; there are {', '.join(SCENES)}")
    return 0 if asyncio.run(play(Console(), scenes, fast=fast, prometheus=prometheus)) else 1
