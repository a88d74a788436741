"""The field for the template of Tango's email: by name where Tango lists them, else as it is typed."""

from collections.abc import Sequence

from bot.domain.template import Template, find_templates
from bot.tango.limits import ETID
from handlers.ids import Block
from handlers.views.blocks import MOST_OPTIONS, Json, option, plain


def with_picker(blocks: Sequence[Json], block_id: Block, templates: Sequence[Template]) -> list[Json]:
    """Return blocks in which the field for a template offers the known ones by name; as they are where there are none.

    What was entered stays: a template that is not listed is offered under its etid.
    """
    if not templates:
        return list(blocks)
    return [_picker(block, templates) if block.get("block_id") == block_id else block for block in blocks]


def template_choices(templates: Sequence[Template], typed: str) -> Json:
    """Build the choices of the field, as Slack takes them."""
    found = [_choice(one) for one in find_templates(templates, typed)][: MOST_OPTIONS - 1]
    etid = typed.strip()
    if ETID.fullmatch(etid) and not any(one["value"].casefold() == etid.casefold() for one in found):
        found.append(option(etid, etid))
    return {"options": found}


def _picker(block: Json, templates: Sequence[Template]) -> Json:
    element: Json = {
        "type": "external_select",
        "action_id": block["element"]["action_id"],
        "placeholder": plain("Type a name, or E000000", 150),
        "min_query_length": 0,
    }
    if etid := block["element"].get("initial_value"):
        known = next((one for one in templates if one.etid.casefold() == etid.casefold()), None)
        element["initial_option"] = _choice(known) if known else option(etid, etid)
    return {**block, "element": element, "hint": plain("Leave blank for the usual one.", 2_000)}


def _choice(template: Template) -> Json:
    return option(template.name, template.etid, template.subject or template.etid)
