"""One file a dialogue: what is known of a request in, the next move out."""

from collections.abc import Callable
from typing import Final

from dialogs.conversation import Conversation, Topic
from dialogs.flows import cancel_order, order_status, refund_status
from dialogs.moves import Move
from dialogs.rules import Rules

FLOWS: Final[dict[Topic, Callable[[Conversation, Rules], Move]]] = {
    Topic.CANCEL: cancel_order.next_move,
    Topic.STATUS: order_status.next_move,
    Topic.REFUND: refund_status.next_move,
}
