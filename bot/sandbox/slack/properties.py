"""The properties that each block and element may have: Slack refuses any other.

Source: Slack docs, "Block Kit" reference. Kinds that are not listed here are not looked at.
"""

from typing import Final

_SELECT: Final = "action_id placeholder confirm focus_on_load"
_MULTI: Final = f"{_SELECT} max_selected_items"
_TYPED: Final = "action_id placeholder initial_value dispatch_action_config focus_on_load"

_PROPERTIES: Final = {
    # Blocks
    "section": "text fields accessory expand",
    "actions": "elements",
    "context": "elements",
    "header": "text level",
    "input": "label element dispatch_action hint optional",
    "divider": "",
    "image": "image_url slack_file alt_text title",
    "data_table": "rows caption page_size row_header_column_index",
    "data_visualization": "title chart",
    # Elements
    "button": "action_id text url value style confirm accessibility_label",
    "checkboxes": "action_id options initial_options confirm focus_on_load",
    "radio_buttons": "action_id options initial_option confirm focus_on_load",
    "overflow": "action_id options confirm",
    "datepicker": f"{_SELECT} initial_date",
    "timepicker": f"{_SELECT} initial_time timezone",
    "datetimepicker": "action_id initial_date_time confirm focus_on_load",
    "plain_text_input": f"{_TYPED} multiline min_length max_length",
    "email_text_input": _TYPED,
    "url_text_input": _TYPED,
    "number_input": f"{_TYPED} is_decimal_allowed min_value max_value",
    "rich_text_input": _TYPED,
    "file_input": "action_id filetypes max_files",
    "static_select": f"{_SELECT} options option_groups initial_option",
    "multi_static_select": f"{_MULTI} options option_groups initial_options",
    "external_select": f"{_SELECT} initial_option min_query_length",
    "multi_external_select": f"{_MULTI} initial_options min_query_length",
    "users_select": f"{_SELECT} initial_user",
    "multi_users_select": f"{_MULTI} initial_users",
    "channels_select": f"{_SELECT} initial_channel response_url_enabled",
    "multi_channels_select": f"{_MULTI} initial_channels",
    "conversations_select": (
        f"{_SELECT} initial_conversation default_to_current_conversation response_url_enabled filter"
    ),
    "multi_conversations_select": f"{_MULTI} initial_conversations default_to_current_conversation filter",
}

#: The properties of a kind.
ALLOWED: Final = {kind: frozenset({"type", "block_id", *names.split()}) for kind, names in _PROPERTIES.items()}

OPTION: Final = frozenset({"text", "value", "description", "url"})
CONFIRM: Final = frozenset({"title", "text", "confirm", "deny", "style"})
