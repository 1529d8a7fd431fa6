"""What a customer is told when the assistant cannot be reached."""

from collections.abc import Mapping

APOLOGIES = {
    "en": "Our order assistant cannot be reached right now. "
    "If it has not answered in a minute, please send that again.",
    "es": "Ahora mismo no podemos contactar con nuestro asistente de pedidos. "
    "Si no responde en un minuto, envíelo de nuevo.",
}


def apology(words: Mapping[str, str], language: str) -> str:
    """In the customer's language, else in English, else in the first there is. Within 200 characters."""
    code = language.lower().partition("-")[0]
    return words.get(code) or words.get("en") or next(iter(words.values()))
