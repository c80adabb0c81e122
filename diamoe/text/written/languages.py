"""English, German, French and Dutch: the words for numbers, units and signs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, eq=False)
class Language:
    """The words of one language for what is written in digits and signs.

    `words` holds single words by name, `units` and `money` singular and plural by sign, `one` the
    number one before a noun. `counts` is false where the back-end has number words of its own:
    then plain numbers stay in digits. `month_first` is the order of 5/1/2024.
    """

    code: str
    decimal: str
    one: str
    months: tuple[str, ...]
    words: Mapping[str, str]
    units: Mapping[str, tuple[str, str]]
    money: Mapping[str, tuple[str, str]]
    signs: Mapping[str, str]
    abbreviations: Mapping[str, str]
    scales: tuple[str, ...] = ()
    counts: bool = True
    month_first: bool = False
    feminine: frozenset[str] = field(default_factory=frozenset)


def _pairs(listed: str) -> dict[str, tuple[str, str]]:
    """`km kilometer kilometers; m ...`: sign, singular, plural (the same where left out)."""
    found = {}
    for entry in listed.split(";"):
        sign, *names = (name.replace("_", " ") for name in entry.split())
        found[sign] = (names[0], names[-1])
    return found


def _words(listed: str) -> dict[str, str]:
    """`percent=per_cent point=point`: names and words."""
    entries = (entry.replace("_", " ").rpartition("=") for entry in listed.split())
    return {name: word for name, _, word in entries}


_ENGLISH = Language(
    code="en",
    decimal=".",
    one="one",
    month_first=True,
    months=tuple(
        "January February March April May June July August September October November "
        "December".split()
    ),
    words=_words(
        "point=point minus=minus percent=percent permille=per_mille to=to hour=o'clock per=per "
        "ratio=to half=half at=at dot=dot slash=slash dash=dash underscore=underscore colon=colon "
        "over=over plus=plus number=number am=a_m pm=p_m"
    ),
    units=_pairs(
        "km kilometer kilometers; m meter meters; cm centimeter centimeters; mm millimeter "
        "millimeters; kg kilogram kilograms; g gram grams; mg milligram milligrams; t ton tons; "
        "l liter liters; L liter liters; ml milliliter milliliters; km/h kilometer_per_hour "
        "kilometers_per_hour; m/s meter_per_second meters_per_second; mph mile_per_hour "
        "miles_per_hour; °C degree_Celsius degrees_Celsius; °F degree_Fahrenheit "
        "degrees_Fahrenheit; ° degree degrees; GB gigabyte gigabytes; MB megabyte megabytes; "
        "KB kilobyte kilobytes; TB terabyte terabytes; Hz hertz; kHz kilohertz; MHz megahertz; "
        "GHz gigahertz; W watt watts; kW kilowatt kilowatts; kWh kilowatt_hour kilowatt_hours; "
        "V volt volts; m² square_meter square_meters; km² square_kilometer square_kilometers; "
        "m³ cubic_meter cubic_meters; ft foot feet; lb pound pounds; lbs pound pounds; "
        "oz ounce ounces; h hour hours; min minute minutes; s second seconds; ms millisecond "
        "milliseconds; ha hectare hectares; dB decibel decibels; mi mile miles"
    ),
    money=_pairs(
        "$ dollar dollars; US$ dollar dollars; € euro euros; £ pound pounds; ¥ yen; "
        "₹ rupee rupees; USD dollar dollars; EUR euro euros; GBP pound pounds; HK$ "
        "Hong_Kong_dollar Hong_Kong_dollars; CHF Swiss_franc Swiss_francs; cent cent cents; "
        "penny penny pence"
    ),
    signs=_words(
        "&=and @=at #=number %=percent +=plus ==equals ×=times ÷=divided_by ±=plus_or_minus "
        "≈=about ≤=at_most ≥=at_least ≠=is_not °=degrees §=section"
    ),
    abbreviations=_words(
        "Dr.=Doctor Mr.=Mister Mrs.=Missis Ms.=Miz Prof.=Professor St.=Saint vs.=versus "
        "etc.=et_cetera e.g.=for_example i.e.=that_is No.=number Jr.=Junior Sr.=Senior "
        "approx.=approximately Ave.=Avenue Inc.=Incorporated Ltd.=Limited"
    ),
    scales=("hundred", "thousand", "million", "billion", "trillion", "k", "m", "bn"),
)
_GERMAN = Language(
    code="de",
    decimal=",",
    one="ein",
    months=tuple(
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
    ),
    words=_words(
        "point=Komma minus=minus percent=Prozent permille=Promille to=bis hour=Uhr per=pro "
        "ratio=zu half=halb at=ät dot=Punkt slash=Schrägstrich dash=Strich "
        "underscore=Unterstrich colon=Doppelpunkt over=durch plus=plus number=Nummer"
    ),
    units=_pairs(
        "km Kilometer; m Meter; cm Zentimeter; mm Millimeter; kg Kilogramm; g Gramm; mg "
        "Milligramm; t Tonne Tonnen; l Liter; L Liter; ml Milliliter; km/h "
        "Kilometer_pro_Stunde; m/s Meter_pro_Sekunde; °C Grad_Celsius; °F Grad_Fahrenheit; "
        "° Grad; GB Gigabyte; MB Megabyte; KB Kilobyte; TB Terabyte; Hz Hertz; kHz Kilohertz; "
        "MHz Megahertz; GHz Gigahertz; W Watt; kW Kilowatt; kWh Kilowattstunde "
        "Kilowattstunden; V Volt; m² Quadratmeter; km² Quadratkilometer; m³ Kubikmeter; "
        "h Stunde Stunden; min Minute Minuten; Min. Minute Minuten; s Sekunde Sekunden; "
        "ms Millisekunde Millisekunden; ha Hektar; dB Dezibel"
    ),
    money=_pairs(
        "€ Euro; EUR Euro; $ Dollar; US$ Dollar; USD Dollar; £ Pfund; GBP Pfund; ¥ Yen; "
        "CHF Franken; Fr. Franken; cent Cent; penny Pence"
    ),
    signs=_words(
        "&=und @=ät #=Nummer %=Prozent +=plus ==gleich ×=mal ÷=geteilt_durch ±=plus_minus "
        "≈=ungefähr ≤=höchstens ≥=mindestens ≠=ungleich °=Grad §=Paragraf"
    ),
    abbreviations=_words(
        "Dr.=Doktor Prof.=Professor Hr.=Herr Fr.=Frau z.B.=zum_Beispiel z._B.=zum_Beispiel "
        "u.a.=unter_anderem u._a.=unter_anderem d.h.=das_heißt d._h.=das_heißt "
        "usw.=und_so_weiter bzw.=beziehungsweise ca.=circa Nr.=Nummer St.=Sankt evtl.=eventuell "
        "ggf.=gegebenenfalls inkl.=inklusive Str.=Straße Mio.=Millionen Mrd.=Milliarden "
        "vgl.=vergleiche o.ä.=oder_ähnliches"
    ),
    scales=("Mio.", "Mrd.", "Millionen", "Milliarden", "Million", "Milliarde", "Tausend"),
    feminine=frozenset("t h min Min. s kWh ms".split()),
)
_FRENCH = Language(
    code="fr",
    decimal=",",
    one="un",
    months=tuple(
        "janvier février mars avril mai juin juillet août septembre octobre novembre "
        "décembre".split()
    ),
    words=_words(
        "point=virgule minus=moins percent=pour_cent permille=pour_mille to=à hour=heures "
        "per=par ratio=à half=demi at=arobase dot=point slash=barre_oblique dash=tiret "
        "underscore=tiret_bas colon=deux_points over=sur plus=plus number=numéro"
    ),
    units=_pairs(
        "km kilomètre kilomètres; m mètre mètres; cm centimètre centimètres; mm millimètre "
        "millimètres; kg kilogramme kilogrammes; g gramme grammes; mg milligramme milligrammes; "
        "t tonne tonnes; l litre litres; L litre litres; ml millilitre millilitres; km/h "
        "kilomètre_heure kilomètres_heure; m/s mètre_par_seconde mètres_par_seconde; °C "
        "degré_Celsius degrés_Celsius; °F degré_Fahrenheit degrés_Fahrenheit; ° degré degrés; "
        "Go gigaoctet gigaoctets; Mo mégaoctet mégaoctets; Ko kilooctet kilooctets; GB "
        "gigaoctet gigaoctets; MB mégaoctet mégaoctets; Hz hertz; kHz kilohertz; MHz mégahertz; "
        "GHz gigahertz; W watt watts; kW kilowatt kilowatts; kWh kilowattheure kilowattheures; "
        "V volt volts; m² mètre_carré mètres_carrés; km² kilomètre_carré kilomètres_carrés; m³ "
        "mètre_cube mètres_cubes; min minute minutes; s seconde secondes; ha hectare hectares; "
        "dB décibel décibels"
    ),
    money=_pairs(
        "€ euro euros; EUR euro euros; $ dollar dollars; US$ dollar dollars; USD dollar dollars; "
        "£ livre livres; GBP livre livres; ¥ yen yens; CHF franc_suisse francs_suisses; cent "
        "centime centimes; penny penny pence"
    ),
    signs=_words(
        "&=et @=arobase #=numéro %=pour_cent +=plus ==égale ×=fois ÷=divisé_par ±=plus_ou_moins "
        "≈=environ ≤=au_plus ≥=au_moins ≠=différent_de °=degrés §=paragraphe"
    ),
    abbreviations=_words(
        "M.=monsieur MM.=messieurs Mme=madame Mmes=mesdames Mlle=mademoiselle Dr=docteur "
        "Pr=professeur St=saint Ste=sainte p._ex.=par_exemple p.ex.=par_exemple etc.=et_cetera "
        "c.-à-d.=c'est-à-dire n°=numéro N°=numéro av.=avenue bd=boulevard"
    ),
    scales=("million", "millions", "milliard", "milliards", "mille"),
    feminine=frozenset("t min s £ GBP".split()),
)
_DUTCH_UNITS = (
    "km kilometer; m meter; cm centimeter; mm millimeter; kg kilo; g gram; mg milligram; t ton; "
    "l liter; L liter; ml milliliter; km/h kilometer_per_uur; km/u kilometer_per_uur; m/s "
    "meter_per_seconde; °C graad_Celsius graden_Celsius; °F graad_Fahrenheit graden_Fahrenheit; "
    "° graad graden; GB gigabyte; MB megabyte; KB kilobyte; TB terabyte; Hz hertz; kHz kilohertz; "
    "MHz megahertz; GHz gigahertz; W watt; kW kilowatt; kWh kilowattuur; V volt; m² "
    "vierkante_meter; km² vierkante_kilometer; m³ kubieke_meter; min minuut minuten; s seconde "
    "seconden; ms milliseconde milliseconden; ha hectare; dB decibel"
)
_DUTCH = Language(
    code="nl",
    decimal=",",
    one="één",
    months=tuple(
        "januari februari maart april mei juni juli augustus september oktober november "
        "december".split()
    ),
    words=_words(
        "point=komma minus=min percent=procent permille=promille to=tot hour=uur per=per "
        "ratio=tegen half=half at=apenstaartje dot=punt slash=schuine_streep dash=streepje "
        "underscore=liggend_streepje colon=dubbele_punt over=gedeeld_door plus=plus number=nummer"
    ),
    units=_pairs(_DUTCH_UNITS),
    money=_pairs(
        "€ euro; EUR euro; $ dollar; US$ dollar; USD dollar; £ pond; GBP pond; ¥ yen; CHF "
        "Zwitserse_frank; cent cent; penny penny"
    ),
    signs=_words(
        "&=en @=at #=nummer %=procent +=plus ==is ×=maal ÷=gedeeld_door ±=plus_min ≈=ongeveer "
        "≤=hoogstens ≥=minstens ≠=ongelijk_aan °=graden §=paragraaf"
    ),
    abbreviations=_words(
        "dr.=dokter mr.=meester dhr.=de_heer mevr.=mevrouw mw.=mevrouw prof.=professor "
        "bijv.=bijvoorbeeld bv.=bijvoorbeeld enz.=enzovoort o.a.=onder_andere "
        "m.a.w.=met_andere_woorden "
        "d.w.z.=dat_wil_zeggen ca.=circa nr.=nummer z.g.=zogenaamd a.u.b.=alstublieft "
        "i.p.v.=in_plaats_van t.o.v.=ten_opzichte_van mln.=miljoen mld.=miljard"
    ),
    scales=("miljoen", "miljard", "duizend", "mln.", "mld."),
)
LANGUAGES = {
    "bildts": replace(_DUTCH, counts=False),
    "english": _ENGLISH,
    "german": _GERMAN,
    "french": _FRENCH,
    "dutch": _DUTCH,
}
"""By dialect code."""
