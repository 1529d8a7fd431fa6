"""`rescind explain CASE`."""

from rich.console import Console
from rich.markup import escape

from bot.assembly import open_store
from bot.explaining import Explained, explain
from bot.settings import Settings


async def explain_case(settings: Settings, reference: str) -> int:
    """Print every decision of a case; the exit code: 0 re-derived alike, 1 no such case, 3 not alike."""
    console, reference = Console(soft_wrap=True), reference.strip().upper()
    async with open_store(settings, read_only=True) as store:
        case = await store.case(reference)
        decisions = await store.decisions(reference)
    if case is None:
        Console(stderr=True, soft_wrap=True).print(
            f"No case has the reference {escape(reference)}. Is DATABASE_URL that of the server?",
            highlight=False,
        )
        return 1
    ended = f"closed {case.closed_at:%Y-%m-%d %H:%M} UTC: {case.result}" if case.closed_at else "open"
    console.print(
        f"[bold]Case {case.reference}[/], opened {case.opened_at:%Y-%m-%d %H:%M} UTC, {ended}",
        highlight=False,
    )
    if not decisions:
        console.print("No decision was made in it: no order was read.")
    found = [explain(decided) for decided in decisions]
    for number, explained in enumerate(found, 1):
        _show(console, number, explained)
    return 0 if all(explained.same for explained in found) else 3


def _show(console: Console, number: int, explained: Explained) -> None:
    made, order = explained.decided.made, explained.decided.made.order
    partly = ", partly fulfilled" if order.partly_fulfilled else ""
    lines = (
        f"\n[bold]{number}. {made.verdict}[/] ({escape(made.reason)})",
        f"   order     {escape(order.number)}, read {made.read_at:%Y-%m-%d %H:%M:%S} UTC",
        f"   facts     stage {order.stage}, lines {order.cancellable}, money {order.money}{partly}",
        f"   total     {order.total} {order.currency}; paid by "
        + (", ".join(f"{escape(p.method)} {p.amount} ({p.status})" for p in order.payments) or "nothing"),
        f"   rule      {escape(made.rule) or 'none decided'}",
        f"   clause    {escape(made.clause)}: {escape(' '.join(explained.clause.split()))}",
        f"   policy    {made.policy}",
        "   derived again from the record: "
        + ("[green]the same decision[/]" if explained.same else "[red]ANOTHER decision[/]"),
    )
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True)
