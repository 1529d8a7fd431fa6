"""What looks like an order number and is none: prices, dates, phones, postcodes, quantities, cards."""

import re

Spans = list[tuple[int, int]]

_CURRENCY = (
    r"usd|eur|gbp|cad|aud|nzd|inr|mxn|ars|clp|cop|chf|jpy|pln|sek|dollars?|euros?|pounds?|quid|bucks|pesos?|rupees?|cents?"
    r"|d[oó]lares|percent"
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)\b\.?"
)
_UNIT = (
    r"items?|pieces?|pcs|units?|products?|articles?|pairs?|boxes|packs?|copies|minutes?|mins?|hours?|hrs?|days?|weeks?|months?"
    r"|years?|yrs|times|people|persons?|kilos?|grams?|meters?|metres?|miles|inch(?:es)?|feet|percent|stars?|o'clock"
    r"|art[ií]culos?|productos?|unidades|pares|cajas|minutos?|horas?|d[ií]as?|semanas?|mes(?:es)?|a[ñn]os?|veces|personas?|estrellas"
    r"|business|working|h[aá]biles"
)

_HARD = re.compile(
    rf"""https?://\S+|www\.\S+
    |(?:[$€£¥₹₽]|(?<![\w])(?:{_CURRENCY}|rs\.?|us\$))\s?\d{{1,12}}(?:[.,]\d{{1,6}}){{0,4}}
    |(?<![\w])\d{{1,12}}(?:[.,]\d{{1,6}}){{0,4}}\s?(?:[$€£¥₹₽%]|(?:{_CURRENCY})\b)
    |(?<![\w.,-])\d{{1,12}}[.,]\d{{1,2}}(?![\w]|[.,-]\d)
    |(?<![\w-])\d{{1,2}}([./-])\d{{1,2}}\1(?:\d{{4}}|\d{{2}})(?![\w-])
    |(?<![\w-])\d{{4}}([./-])\d{{1,2}}\2\d{{1,2}}(?:t[\d:.]+z?)?(?![\w-])
    |(?<![\w/-])\d{{1,2}}/\d{{1,2}}(?![\w/-])
    |(?<!\w)\d{{1,2}}(?:st|nd|rd|th|\.)?\s?(?:of\s|de\s)?{_MONTH},?(?:\s(?:de\s|del\s)?(?:19|20)\d\d(?!\w))?
    |(?<!\w){_MONTH}\s?(?:the\s)?\d{{1,2}}(?:st|nd|rd|th)?(?!\w)(?:,?\s(?:19|20)\d\d(?!\w))?
    |(?<!\w){_MONTH}\s(?:de\s|del\s)?(?:19|20)\d\d(?!\w)
    |(?<!\w)\d{{1,2}}[:h]\d{{2}}(?::\d{{2}})?(?!\w)
    |(?<!\w)\d{{1,4}}\s?(?:[ap]\.?m\.?|hrs?|h)(?!\w)
    |(?<![\w])(?<!\d\s)\+\d[\d\s().-]{{6,18}}\d
    |\(\+?\d{{1,5}}\)[\s.-]?\d{{2,4}}(?:[\s.-]?\d{{2,5}}){{1,3}}
    |(?<![\w-])\d{{4}}(?:[ -]\d{{4}}){{3}}(?![\w-])
    |(?<![*x•])(?:(?=x*[*•])[*x•]{{2,16}}[\s-]?\d{{2,6}}|x{{2,16}}[\s-]?\d{{4}})(?![\w*])
    |(?<![\w#-])\d{{1,4}}\s?(?:x|{_UNIT})(?!\w)
    |(?<![\w#-])\d{{1,5}}(?:g|kg|mg|ml|cl|l|m|cm|mm|km|w|kw|v|mah|gb|tb|mb|mp|hz|px|in|ft|lbs?|oz|k|st|nd|rd|th)(?!\w)""",
    re.VERBOSE | re.IGNORECASE,
)
_STATE = (
    "AK|AZ|AR|CA|CT|DC|FL|GA|IL|IA|KS|KY|MI|MN|MT|NE|NV|NH|NJ|NM|NY|NC|ND|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY"
)
_STATE_LIKE_A_WORD = "AL|CO|DE|HI|ID|IN|LA|MA|MD|ME|MO|MS|OH|OK|OR|PA"
_ZIP_AFTER_STATE = re.compile(
    rf"(?<!\w)(?:{_STATE})\s\d{{5}}(?:-\d{{4}})?(?!\w)|,\s?(?:{_STATE_LIKE_A_WORD})\s\d{{5}}(?:-\d{{4}})?(?!\w)"
)
_SOFT = re.compile(
    r"""(?<![\w-])(?:19|20)\d{2}(?:[/-]\d{2})?(?![\w-])
    |(?<![\w-])\d{5}-\d{4}(?![\w-])
    |(?<![\w-])(?:\+?1[\s.-])?\d{3}[\s.-]\d{3}[\s.-]\d{4}(?![\w-])
    |(?<![\w-])\d{3}[.-]\d{4}(?![\w-])
    |(?<![\w-])[6-9]\d{2}\s\d{3}\s\d{3}(?!\w)|(?<!\w)[6-9]\d{2}(?:\s\d{2}){3}(?!\w)
    |(?<![\w-])0[1-9]\d{0,3}[\s/-]\d{3,4}[\s-]?\d{2,6}(?![\w-])
    |(?<![\w-])0[1-9]\d{8,9}(?!\w)
    |(?<![\w-])00[1-9]\d{9,13}(?!\w)
    |(?<!\w)[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}(?!\w)
    |(?<!\w)[a-z]\d[a-z]\s?\d[a-z]\d(?!\w)
    |(?<!\w)[a-z]{2}\d{2}(?:\s?[a-z\d]{4}){3,7}(?:\s?[a-z\d]{1,3})?(?!\w)
    |(?<!\w)1z[a-z\d]{10,16}(?!\w)
    |(?<!\w)\d{1,6}\s(?:(?!(?:is|was|to|on|at|and|has|from|in|for|my|the)\b)[a-z'.]+\s){1,3}
       (?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|dr|square|highway|hwy)\b
    |(?<=\d,\s)\d{5}(?=\s[^\W\d_]{3,})
    |(?<![\w-])\d{1,3}(?:[.,]\d{3}){1,4}(?!\w)""",
    re.VERBOSE | re.IGNORECASE,
)
_CONTEXT = re.compile(
    r"""(?:\b(?:phone|tel|tel[eé]fono|telephone|mobile|cell|cellphone|m[oó]vil|celular|whatsapp|fax|call|ring|ll[aá]m[ae](?:me|nme)?
      |zip|zipcode|post\s?code|postal|postleitzahl|plz|eircode|pin\s?code|pincode|c\.?p
      |cards?|tarjeta|visa|mastercard|amex|debit|ending|ends?|last\s(?:four|4)|[uú]ltimos?|terminad[ao]|termina
      |iban|account|cuenta|tracking|seguimiento|rastreo|sku|ean|imei|serial|model|modelo|size|talla|pin|cvv|cvc|otp
      |apt|apartment|apartamento|suite|room|flat|floor|piso|box|house|street|calle|avenida|item|art[ií]culo|article|art|product
      |version|customer|client|member|cliente|socio|paid|pay|cost|costs|price|charged|took|worth|pagu[eé]|pagado|cobraron|cobrado|cost[oó]|precio
      |invoice|factura|coupon|cup[oó]n|voucher|promo|discount|ticket|flight|vat|nif|dni|year|a[ñn]o|since|desde)\b
      |\w(?:stra(?:ss|ß)e|str\.))
     (?:\s|[:=\#.,()-]|\b(?:no|nr|num|number|n[uú]mero|is|are|was|code|c[oó]digo|my|you|me|us|almost|about|over|digits|es|of|in|on|at|with|con|me|the|en|al|el|de
      |postal|d[ií]gitos)\b){1,8}$""",
    re.VERBOSE | re.IGNORECASE,
)
_DIGITS = re.compile(r"\d(?:.*\d)?", re.DOTALL)
_REACH = 40
"""Signs before the first digit and behind the last that a pattern looks at."""
_LONGEST_CONTEXT = 48


def never_numbers(text: str) -> Spans:
    """Places that are no order number whatever is said beside them."""
    return _near_digits(text, (_HARD,))


def hardly_numbers(text: str) -> Spans:
    """Places that are an order number only where the customer calls them one."""
    return _near_digits(text, (_SOFT, _ZIP_AFTER_STATE))


def _near_digits(text: str, patterns: tuple[re.Pattern[str], ...]) -> Spans:
    """Matches in the part of the text that has digits, as wide as a match can reach beyond them."""
    around = _DIGITS.search(text)
    if around is None:
        return []
    start, end = max(0, around.start() - _REACH), around.end() + _REACH
    return [match.span() for pattern in patterns for match in pattern.finditer(text, start, end)]


def named_otherwise(text: str, start: int) -> bool:
    """Whether the words just before `start` name something else: a phone, a card, a postcode."""
    return _CONTEXT.search(text[max(0, start - _LONGEST_CONTEXT) : start]) is not None


def is_card_number(digits: str) -> bool:
    """Whether these are 15 or 16 digits with a card network's first digit and a right Luhn check digit."""
    if len(digits) not in (15, 16) or digits[0] not in "23456" or not digits.isdecimal():
        return False
    doubled = "0246813579"
    odd = sum(int(doubled[int(digit)]) for digit in digits[-2::-2])
    return (odd + sum(map(int, digits[-1::-2]))) % 10 == 0
