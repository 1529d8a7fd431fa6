"""What a shop that cannot be asked means: to an operator in words, to the dialogue by kind."""

from dataclasses import dataclass

from bot.ports import ContractBroken, CredentialsRefused, ShopUnreachable, Throttled
from dialogs import events


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error in words. `lasting` where waiting mends nothing: somebody has to act."""

    what: str
    remedy: str
    lasting: bool

    def __str__(self) -> str:
        """Both, as sentences."""
        return f"{self.what} {self.remedy}".strip()


def trouble(error: ShopUnreachable) -> Trouble:
    """What this error means to whoever runs the product."""
    said = _sentence(error)
    match error:
        case CredentialsRefused():
            return Trouble(
                f"The shop refuses our credentials. {said}".strip(),
                "Look at the credentials in the settings and at what the shop grants them; "
                "`rescind doctor` names the variables.",
                lasting=True,
            )
        case Throttled():
            return Trouble(
                f"The shop wants no more calls for {error.seconds:.0f} s.",
                "It is asked again by itself. If this comes often, look what else uses the same credentials, "
                "or have the shop raise its limit.",
                lasting=False,
            )
        case ContractBroken():
            return Trouble(
                f"The shop answered something that its interface does not allow. {said}".strip(),
                "Look whether the shop's address in the settings is right, and whether the shop was changed; "
                "otherwise tell whoever looks after the adapter.",
                lasting=True,
            )
    if str(error).endswith("."):  # a whole sentence says by itself what to do
        return Trouble(said, "", lasting=False)
    return Trouble(
        f"The shop could not be reached. {said}".strip(),
        "Look whether the shop runs, and whether this machine gets through to it.",
        lasting=False,
    )


def kind(error: ShopUnreachable) -> events.Trouble:
    """What this error is to the dialogue."""
    match error:
        case CredentialsRefused():
            return events.Trouble.CREDENTIALS
        case Throttled():
            return events.Trouble.THROTTLED
        case ContractBroken():
            return events.Trouble.CONTRACT
    return events.Trouble.UNREACHABLE


def reason(error: ShopUnreachable) -> str:
    """The error's own words and the remedy, for whoever has said already that the shop gave no answer."""
    return f"{_sentence(error)} {trouble(error).remedy}".strip()


def _sentence(error: ShopUnreachable) -> str:
    """The error's words with a full stop, if there are any."""
    words = str(error)
    return words if not words or words[-1] in ".!?" else f"{words}."
