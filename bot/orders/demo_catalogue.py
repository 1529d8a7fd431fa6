"""What the demo shop's seeded orders are made of: goods, and one row an order."""

from dataclasses import dataclass

from dialogs.orders import PaymentStatus, Stage

GOODS = {
    "mug": ("Enamel mug", "14.00", True),
    "poster": ("Linocut poster", "40.00", True),
    "lamp": ("Desk lamp", "89.90", True),
    "socks": ("Wool socks", "12.50", True),
    "tea": ("Smoked tea, 200 g", "9.80", True),
    "chair": ("Folding chair", "129.00", True),
    "ring": ("Engraved ring (made to order, cannot be cancelled)", "74.00", False),
    "ticket": ("Workshop ticket (cannot be cancelled)", "35.00", False),
}
"""Title, price of one in the order's currency, and whether it is cancellable."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One seeded order.

    `paying` names the payment methods, of which each but the last pays 10; `portion` is how much of its stage
    it has been through at the start; `pace` as in `StoredOrder`; `status` a word for an unmapped stage.
    """

    stage: Stage
    name: str
    paying: str = "card"
    goods: str = "mug poster"
    currency: str = "EUR"
    pace: float | None = 2.0
    portion: float = 0.2
    paid: PaymentStatus = PaymentStatus.CAPTURED
    partly: bool = False
    status: str = ""
    refund_fails: bool = False

    @property
    def lines(self) -> list[str]:
        """The keys of its goods, one a line."""
        return self.goods.split()


_HELD = PaymentStatus.AUTHORISED

FIRST_NUMBER = 1001

PLANS = (
    Plan(Stage.PLACED, "ann", "bank_transfer", "lamp", paid=PaymentStatus.PENDING, pace=6),
    Plan(Stage.PLACED, "bob", "card", "tea socks", "GBP", paid=PaymentStatus.PENDING),
    Plan(Stage.PLACED, "cleo", "paypal", "ticket", paid=PaymentStatus.PENDING, pace=4),
    Plan(Stage.PAID, "dan", "card", pace=8),
    Plan(Stage.PAID, "eva", "paypal", "chair", "USD", pace=4),
    Plan(Stage.PAID, "finn", "klarna", "lamp socks", pace=6),
    Plan(Stage.PAID, "gita", "apple_pay", "tea", "USD", pace=2),
    Plan(Stage.PAID, "hugo", "google_pay", "mug", "GBP", pace=3),
    Plan(Stage.PAID, "uma", "card", "poster", "USD", pace=9, refund_fails=True),
    Plan(Stage.PAID, "jan", "ideal", "socks tea", pace=5),
    Plan(Stage.PAID, "kim", "afterpay", "lamp", "USD", pace=3),
    Plan(Stage.PAID, "leo", "amazon_pay", "chair", "USD", pace=10),
    Plan(Stage.PAID, "maya", "bank_transfer", "poster lamp", pace=5),
    Plan(Stage.PAID, "nils", "gift_card", "mug", pace=4),
    Plan(Stage.PAID, "olga", "gift_card card", "poster tea", pace=7),
    Plan(Stage.PAID, "paul", "gift_card store_credit paypal", "chair", "GBP", pace=5),
    Plan(Stage.PAID, "quinn", "cash_on_delivery", "tea mug", paid=PaymentStatus.PENDING, pace=4),
    Plan(Stage.PAID, "rosa", "card", "lamp", "EUR", pace=6, paid=_HELD),
    Plan(Stage.PAID, "sam", "card", "ring", pace=4),
    Plan(Stage.PAID, "tess", "paypal", "ring socks", pace=6),
    Plan(Stage.PAID, "ines", "sepa_debit", "poster", pace=7),
    Plan(Stage.PAID, "vic", "card", "mug mug tea", "GBP", pace=3, partly=True),
    Plan(Stage.ALLOCATED, "wanda", "card", "chair", pace=6),
    Plan(Stage.ALLOCATED, "xaver", "paypal", "tea", "USD", pace=4),
    Plan(Stage.ALLOCATED, "yara", "klarna", "lamp mug", "GBP", pace=8),
    Plan(Stage.ALLOCATED, "zoe", "bacs_debit", "poster", "GBP"),
    Plan(Stage.ALLOCATED, "adam", "gift_card klarna", "chair", pace=5),
    Plan(Stage.ALLOCATED, "bea", "card", "ticket mug", pace=4),
    Plan(Stage.BINDING, "carl", "card", "lamp", pace=12, portion=0.05),
    Plan(Stage.BINDING, "dora", "paypal", "mug", "USD", pace=12, portion=0.6),
    Plan(Stage.BINDING, "emil", "klarna", "tea socks", pace=6, portion=0.1),
    Plan(Stage.CONFIRMED, "fay", "card", "poster", pace=8),
    Plan(Stage.CONFIRMED, "gus", "paypal", "chair", "USD", pace=3),
    Plan(Stage.IN_LOGISTICS, "hana", "card", "lamp tea", pace=4),
    Plan(Stage.IN_LOGISTICS, "ivo", "cash_on_delivery", "socks", paid=PaymentStatus.PENDING, pace=2),
    Plan(Stage.IN_LOGISTICS, "joy", "klarna", "poster mug", "GBP", partly=True, pace=6),
    Plan(Stage.DELIVERED, "kai", "card", "tea"),
    Plan(Stage.DELIVERED, "lia", "paypal", "ring", "USD"),
    Plan(Stage.CANCELLED, "mo", "card", "lamp", pace=12),
    Plan(Stage.CANCELLED, "nia", "bank_transfer", "mug socks", pace=16),
    Plan(Stage.ON_HOLD, "otto", "card", "chair", "GBP", pace=None),
    Plan(Stage.PAID, "ann", "paypal", "mug poster", pace=16),
    Plan(Stage.UNRECOGNISED, "pia", "card", "lamp", pace=None, status="awaiting_artisan"),
    Plan(Stage.ON_HOLD, "rex", "paypal", "ticket", "USD", pace=None),
)
"""Seeded at once, numbered from `FIRST_NUMBER`: every stage, many ways to pay, and the odd ones."""

FRESH = (
    Plan(Stage.PAID, "iris", "card", "mug poster", pace=16),
    Plan(Stage.PAID, "jonas", "paypal", "lamp", "USD", pace=8),
    Plan(Stage.PAID, "karin", "klarna", "socks tea", pace=12),
    Plan(Stage.PAID, "luis", "gift_card card", "chair", pace=20),
    Plan(Stage.PAID, "mina", "apple_pay", "poster", "GBP", pace=6),
    Plan(Stage.PAID, "noel", "sepa_debit", "tea mug", pace=10),
)
"""Added, as often as needed, so that there is always something to cancel."""
