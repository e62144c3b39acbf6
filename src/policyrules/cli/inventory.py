"""The command ``list``: what the layers declare, by name."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Annotated

from policyrules.analysis.inventory import KINDS, inventory
from policyrules.cli.arguments import AsOf, Json, Layer, Option
from policyrules.cli.shared import FINE, FOUND, UserError, meant, print_json
from policyrules.diagnostics import PolicyError
from policyrules.program.stack import Stack
from policyrules.report.inventory import render_inventory
from policyrules.report.terminal import Screen


def list(  # the word people type
    folder: Layer,
    find: Annotated[str, Option(("--find",), "只列与这个词有关的：名称、取值、条款、引文、释义里找", "词")] = "",
    kinds: Annotated[
        Sequence[str] | None, Option(("--kind",), "只列这一种，如 字段、规则、参数；可写多次", "种类", many=True)
    ] = None,
    own: Annotated[bool, Option(("--own",), "只列本层声明的")] = False,
    as_of: AsOf = None,
    as_json: Json = False,
) -> int:
    """Show what the layers declare."""
    wanted = [
        word for given in kinds or () for word in given.replace("，", "、").replace(",", "、").split("、") if word
    ]
    for word in wanted:
        if word not in KINDS:
            raise UserError(f"--kind 的“{word}”不是一种声明{meant(word, KINDS)}", f"可写：{'、'.join(KINDS)}")
    screen = Screen(quiet=as_json)
    # Names are looked up while rules are being written, and those are seldom sound: what can be read is listed.
    stack = Stack.read(folder)
    checked = stack.check(as_of or datetime.date.today())
    if not stack.layers:
        raise PolicyError(checked.diagnostics)
    if not checked.sound:
        screen.say(f"规则里有错误，见 policyrules check {folder}；下面是读得出来的", style="doubt")
    if checked.program.trial is not None:
        screen.say(f"这是试验“{checked.program.trial.title}”，下面是照它改动以后的规定", style="doubt")
    found = inventory(stack, checked.program, find=find.strip(), kinds=wanted, own=own)
    if as_json:
        print_json(found.to_dict())
    else:
        screen.show(render_inventory(found, screen.width))
    return FINE if found.entries or not find else FOUND
