"""Plays scenes on a stage and says whether every promise was kept."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from tiphys.demo.scenes import SCENES
from tiphys.demo.stage import open_stage
from tiphys.demo.story import Story
from tiphys.errors import TiphysError


async def play(console: Console, names: Sequence[str], *, fast: bool, prometheus: bool) -> bool:
    """Plays the scenes of these names, all when there are none; true when each kept all its promises."""
    story = Story(console)
    async with open_stage(story, fast=fast, prometheus=prometheus) as stage:
        for name in names or SCENES:
            scene = SCENES[name]
            story.scene(name, (scene.__doc__ or "").strip())
            try:
                await scene(stage)
            except TiphysError as error:
                story.promise("the scene comes to its end", seen=str(error), kept=False)
    return story.close()
