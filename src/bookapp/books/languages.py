"""Languages as catalogues write them: ISO 639-1 and 639-2 codes, and their English names."""

# code, ISO 639-2 codes (bibliographic and terminology), name; the languages that book catalogues really hold
_TABLE = """
af afr Afrikaans|ar ara Arabic|az aze Azerbaijani|be bel Belarusian|bg bul Bulgarian|bn ben Bengali|br bre Breton
bs bos Bosnian|ca cat Catalan|cs cze,ces Czech|cy wel,cym Welsh|da dan Danish|de ger,deu German|el gre,ell Greek
en eng English|eo epo Esperanto|es spa Spanish|et est Estonian|eu baq,eus Basque|fa per,fas Persian|fi fin Finnish
fil fil Filipino|fr fre,fra French|fy fry Frisian|ga gle Irish|gd gla Gaelic|gl glg Galician|grc grc Ancient Greek
gu guj Gujarati|he heb Hebrew|hi hin Hindi|hr hrv Croatian|hu hun Hungarian|hy arm,hye Armenian|id ind Indonesian
is ice,isl Icelandic|it ita Italian|ja jpn Japanese|ka geo,kat Georgian|kk kaz Kazakh|km khm Khmer|kn kan Kannada
ko kor Korean|la lat Latin|lb ltz Luxembourgish|lo lao Lao|lt lit Lithuanian|lv lav Latvian|mi mao,mri Maori
mk mac,mkd Macedonian|ml mal Malayalam|mn mon Mongolian|mr mar Marathi|ms may,msa Malay|mt mlt Maltese
mul mul Several languages|my bur,mya Burmese|nb nob Norwegian Bokmål|ne nep Nepali|nl dut,nld Dutch
nn nno Norwegian Nynorsk|no nor Norwegian|pa pan Punjabi|pl pol Polish|pt por Portuguese|ro rum,ron Romanian
ru rus Russian|sa san Sanskrit|si sin Sinhala|sk slo,slk Slovak|sl slv Slovenian|sq alb,sqi Albanian|sr srp Serbian
sv swe Swedish|sw swa Swahili|ta tam Tamil|te tel Telugu|th tha Thai|tl tgl Tagalog|tr tur Turkish|uk ukr Ukrainian
ur urd Urdu|vi vie Vietnamese|yi yid Yiddish|zh chi,zho Chinese|zu zul Zulu
"""

NAMES: dict[str, str] = {}
"""Code to English name."""
_CODES: dict[str, str] = {}

for _entry in _TABLE.replace("\n", "|").split("|"):
    if _entry:
        _code, _others, _name = _entry.split(" ", 2)
        NAMES[_code] = _name
        for _other in (_code, _name.casefold(), *_others.split(",")):
            _CODES[_other] = _code


def language_code(text: str) -> str:
    """The shortest ISO 639 code for what a catalogue or a person wrote: `en-US`, `eng` and `English` are `en`.

    Raises ValueError for a language that is not known.
    """
    word = text.strip().casefold().replace("_", "-")
    code = _CODES.get(word) or _CODES.get(word.split("-")[0])
    if code is None:
        raise ValueError("must be a language code such as en, fr or deu")
    return code


def language_name(code: str) -> str:
    """The English name of a language; a code that is not known stays what it is."""
    return NAMES.get(code, code)
