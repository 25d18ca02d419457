"""`models fetch`: downloading published networks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from ..completion import offer_models_to_fetch
from ..terminal import note, say
from .quantities import size_words

if TYPE_CHECKING:
    from ...models.zoo.fetch import FetchPlan
    from ...models.zoo.published import ZooNetwork


def fetch(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME",
            help="Networks that `models list` knows.",
            show_default=False,
            autocompletion=offer_models_to_fetch,
        ),
    ],
) -> None:
    """Download published networks into your data folder, each file proven by its SHA-256.

    What comes is told before; an interrupted download goes on where it stopped.

    HTTP_PROXY and HTTPS_PROXY name a proxy, LUCIDREEL_HOME another data folder.

    Examples:

      lucidreel models fetch bvlc_googlenet
      lucidreel models fetch squeezenet_v1.1 vgg16
      lucidreel models fetch timm:resnet50.madry_l2_eps3
    """
    from ...models.zoo.fetch import FetchPlan, check_space, plan_fetch

    of_timm = [name for name in names if name.startswith("timm:")]
    found = [plan_fetch(name) for name in dict.fromkeys(names) if name not in of_timm]
    plans = [each for each in found if isinstance(each, FetchPlan)]
    check_space(plans)
    for plan in plans:
        for line in _plan_lines(plan):
            note(line)
    if len(plans) > 1:
        note(f"{size_words(sum(plan.size_bytes - plan.have_bytes for plan in plans))} are to come.")
    for each in found:
        if isinstance(each, FetchPlan):
            _fetch(each)
        else:
            say(f"{each.name}: {each.folder}")
            note(f"{each.name} is here already.")
    for name in dict.fromkeys(of_timm):
        _fetch_timm(name)


def _fetch_timm(name: str) -> None:
    from ...models.zoo.fetch_timm import fetch_timm

    def announce(source: str, size: int | None) -> None:
        note(f"{name}: {source}{'' if size is None else f', {size_words(size)}'}")

    say(f"{name}: {fetch_timm(name, announce)}")


def _fetch(plan: FetchPlan) -> None:
    from ...models.zoo.fetch import fetch_network
    from .download_display import open_download_display

    name = plan.network.name
    try:
        with open_download_display() as display:
            entry = fetch_network(name, display)
    except KeyboardInterrupt:
        note(f"What has come of {name} is kept: `lucidreel models fetch {name}` goes on with it.")
        raise
    say(f"{name}: {entry.folder}")
    note(_next_step(plan.network))


def _plan_lines(plan: FetchPlan) -> Iterator[str]:
    """Yield what is said before a download: what the network is, its files and their sizes, where they go."""

    network = plan.network
    yield f"{network.name}: {network.title}"
    yield f"  licence: {network.licence} ({network.source})"
    width = max(len(file.name) for file in network.files)
    for file in network.files:
        yield f"  {file.name:{width}}  {size_words(file.size_bytes or 0):>9}"
    had = f" ({size_words(plan.have_bytes)} of them are here)" if plan.have_bytes else ""
    yield f"  {'in all':{width}}  {size_words(plan.size_bytes):>9}{had}, into {plan.folder}"


def _next_step(network: ZooNetwork) -> str:
    """Return a command to try."""
    from ...models.model_folder import layer_to_try

    command = f"lucidreel still photo.jpg -o dream.png --model {network.name}"
    layer = layer_to_try(network.layers, network.class_layer)
    return f"Try: {command}" if layer is None else f"Try: {command} --layer {layer.name}  ({layer.dreams})"
