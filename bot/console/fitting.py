"""Whether a conversation belongs to a filtered list, decided as the store's own question decides it."""

from storage.desk_records import Filters, QueueItem, State

_QUEUE = frozenset({State.OPEN, State.CLAIMED, State.SNOOZED})


def fits(item: QueueItem, filters: Filters) -> bool:
    """Whether the list with these filters has this conversation."""
    holder = item.row.resolved_by if item.state is State.RESOLVED else item.agent
    wanted = _QUEUE if filters.state is None else {filters.state}
    return (
        item.state in wanted
        and filters.assignee in (None, holder)
        and not (filters.unassigned and item.agent is not None)
        and filters.reason in (None, item.reason)
        and filters.channel in (None, item.channel)
        and filters.priority in (None, item.row.priority)
        and (filters.label is None or filters.label in item.row.labels)
    )
