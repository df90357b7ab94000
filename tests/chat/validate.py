"""Puts every golden payload before validators nobody here wrote: Slack's own Python SDK and simcord's reading of Discord's rules.

    pip install slack_sdk==3.47.0 simcord==3.2.1
    python tests/chat/validate.py
"""

import copy
import json
import pathlib
import sys

from simcord.components import ComponentValidationError, validate_message_state, validate_modal
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

GOLDEN = pathlib.Path(__file__).parent / "golden"


def payload(path):
    """The JSON behind a snapshot's header."""
    return json.loads(path.read_text(encoding="utf-8").split("\n---\n", 1)[1])


def slack_blocks(blocks):
    """The SDK's models take each block, and give back exactly what they were given: nothing in it is unknown to them."""
    for block in blocks:
        parsed = Block.parse(copy.deepcopy(block))
        assert parsed is not None, f"unknown block {block['type']}"
        back = parsed.to_dict()
        assert back == block, f"the SDK reads\n{json.dumps(block)}\nas\n{json.dumps(back)}"


def slack_view(view):
    slack_blocks(view["blocks"])
    back = View(**copy.deepcopy(view)).to_dict()
    assert back == view, f"the SDK reads\n{json.dumps(view)}\nas\n{json.dumps(back)}"


def slack(golden):
    slack_blocks(golden["message"]["blocks"])
    assert len(golden["message"]["blocks"]) <= 50
    for modal in golden["modals"]:
        slack_view(modal)


def discord_message(message):
    validate_message_state(
        message["components"],
        flags=message.get("flags", 0),
        content=message.get("content"),
        embeds=message["embeds"],
        require_nonempty=True,
    )


def discord(golden):
    for message in [golden["message"], *golden["questions"]]:
        discord_message(message)
    for modal in golden["modals"]:
        validate_modal(modal)


def refuses(check, bad):
    try:
        check(bad)
    except (SlackObjectFormationError, ComponentValidationError, AssertionError, TypeError, KeyError):
        return
    raise SystemExit(f"a validator took {json.dumps(bad)[:200]}: it proves nothing")


def the_validators_can_fail():
    text = lambda words: {"type": "plain_text", "text": words, "emoji": False}
    refuses(slack_blocks, [{"type": "header", "text": text("x" * 151)}])
    refuses(slack_blocks, [{"type": "nonsense"}])
    refuses(slack_blocks, [{"type": "divider", "colour": "red"}])
    refuses(slack_view, {"type": "modal", "title": text("x" * 25), "blocks": []})
    button = {"type": 2, "style": 1, "label": "x" * 81, "custom_id": "a"}
    message = {"embeds": [{"description": "x"}], "components": [{"type": 1, "components": [button]}]}
    refuses(discord_message, message)
    refuses(discord_message, {"embeds": [{"description": "x" * 4097}], "components": []})
    refuses(validate_modal, {"custom_id": "x", "title": "x" * 46, "components": []})


def main():
    the_validators_can_fail()
    checks = {"slack": slack, "slack_home": slack_view, "discord": discord}
    checked = 0
    faults = []
    for path in sorted(GOLDEN.glob("*.snap")):
        platform = path.name.split("__")[0]
        if platform not in checks:
            continue
        checked += 1
        try:
            checks[platform](payload(path))
        except Exception as fault:  # whatever a validator says is a finding
            faults.append(f"{path.name}: {type(fault).__name__}: {fault}")
    print("\n".join(faults))
    print(f"{checked} payloads before slack_sdk and simcord, {len(faults)} refused")
    return 1 if faults or checked < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
