"""Invented companies, people, places and numbers; check digits are right, nobody is real.

Phone numbers lie in the ranges that regulators keep free for fiction (Bundesnetzagentur, ARCEP, Ofcom,
PTS), addresses in the domains of RFC 2606, bank codes in ranges that are not assigned.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from stdnum import luhn
from stdnum.eu import vat as eu_vat
from stdnum.gb import vat as gb_vat
from stdnum.iban import calc_check_digits
from stdnum.iso7064 import mod_11_10

COUNTRIES = ("DE", "FR", "GB", "SE")
SHARES = (62, 17, 12, 9)
NAMES = {"DE": "Germany", "FR": "France", "GB": "United Kingdom", "SE": "Sweden"}
ISO3 = {"DE": "DEU", "FR": "FRA", "GB": "GBR", "SE": "SWE"}

PLACES: dict[str, tuple[tuple[str, str, int], ...]] = {
    # city, stem of its postcodes, how many
    "DE": (
        ("Berlin", "10", 60), ("Hamburg", "20", 40), ("München", "80", 40), ("Köln", "50", 30),
        ("Dresden", "01", 30), ("Leipzig", "04", 30), ("Düsseldorf", "40", 25), ("Bremen", "28", 20),
        ("Hannover", "30", 20), ("Nürnberg", "90", 20), ("Lübeck", "23", 12), ("Rostock", "18", 12),
        ("Münster", "48", 12), ("Würzburg", "97", 8), ("Saarbrücken", "66", 8), ("Chemnitz", "09", 8),
        ("Halle", "06", 8), ("Kiel", "24", 10), ("Göttingen", "37", 6), ("Tübingen", "72", 6),
    ),
    "FR": (
        ("Paris", "75", 20), ("Lyon", "69", 9), ("Marseille", "13", 12), ("Bourg-en-Bresse", "01", 4),
        ("Besançon", "25", 5), ("Orléans", "45", 5), ("Nîmes", "30", 6), ("Nice", "06", 8), ("Lille", "59", 8),
    ),
    "GB": (
        ("London", "EC", 20), ("Manchester", "M", 12), ("Leeds", "LS", 8), ("Bristol", "BS", 8),
        ("Glasgow", "G", 8), ("Cardiff", "CF", 6),
    ),
    "SE": (("Stockholm", "11", 16), ("Göteborg", "41", 10), ("Malmö", "21", 8), ("Västerås", "72", 5), ("Umeå", "90", 5)),
}  # fmt: skip

STREETS = {
    "DE": ("Hafenstraße", "Lindenweg", "Am Alten Markt", "Gartenstraße", "Mühlenweg", "Schillerstraße",
           "Industriestraße", "Bahnhofstraße", "Kirchgasse", "Rosenweg", "Werftstraße", "Ziegeleiweg"),
    "FR": ("Rue des Tilleuls", "Avenue de la Gare", "Rue du Moulin", "Boulevard du Port", "Rue de l'Église", "Place du Marché"),
    "GB": ("Mill Lane", "Station Road", "Harbour Street", "Church Row", "Orchard Close", "Foundry Lane"),
    "SE": ("Storgatan", "Hamngatan", "Björkvägen", "Kyrkogatan", "Ängsvägen", "Skolgatan"),
}  # fmt: skip

FIRST = {
    "DE": ("Anna", "Jörg", "Maria", "Thomas", "Käthe", "Lukas", "Sabine", "Günter", "Julia", "Stefan", "Petra",
           "Jürgen", "Lena", "Matthias", "Ursula", "Felix", "Bärbel", "Tobias", "Claudia", "Sönke", "Ines", "Ralf"),
    "FR": ("Camille", "Élodie", "Julien", "Amélie", "Mathieu", "Chloé", "François", "Léa", "Antoine", "Zoé", "Rémi"),
    "GB": ("Olivia", "Harry", "Amelia", "George", "Isla", "Oliver", "Emily", "Jack", "Sophie", "Arthur"),
    "SE": ("Åsa", "Erik", "Malin", "Björn", "Karin", "Göran", "Elin", "Nils", "Sara", "Håkan"),
}  # fmt: skip
LAST = {
    "DE": ("Müller", "Schmidt", "Schneider", "Fischer", "Weber", "Meyer", "Wagner", "Becker", "Schäfer", "Koch",
           "Bauer", "Richter", "Klein", "Wolf", "Schröder", "Neumann", "Schwarz", "Zimmermann", "Krüger", "Hofmann",
           "Lange", "Schmitt", "Werner", "Krause", "Lehmann", "Köhler", "Maier", "Huber", "Kaiser", "Fuchs",
           "Peters", "Lang", "Scholz", "Möller", "Weiß", "Jung", "Hahn", "Vogel", "Friedrich", "Günther", "Jansen",
           "Petersen", "Harms", "Brandt", "Thomsen", "Lorenz", "Ebert", "Böhm", "Voigt", "Seidel"),
    "FR": ("Martin", "Bernard", "Dubois", "Thomas", "Lefèvre", "Moreau", "Girard", "Mercier", "Bonnet", "Gauthier",
           "Rousseau", "Garçon", "Lemaître", "Fontaine", "Chevalier", "Noël", "Perrin", "Besson"),
    "GB": ("Smith", "Jones", "Taylor", "Brown", "Wilson", "Evans", "Walker", "Wright", "Hughes", "Clarke", "Ward", "Cooper"),
    "SE": ("Andersson", "Johansson", "Nyström", "Lindqvist", "Sjöberg", "Bergström", "Ekström", "Norén", "Åkesson", "Öberg"),
}  # fmt: skip

WORDS = ("Nord", "Hansa", "Weser", "Elbe", "Alster", "Ostsee", "Kontor", "Anker", "Deich", "Hafen", "Möwen", "Leucht",
         "Rhein", "Isar", "Harz", "Heide", "Turm", "Linden", "Brücken", "Mühlen", "Silber", "Kupfer", "Adler",
         "Falken", "Storch", "Birken", "Eichen", "Sonnen", "Kristall", "Granit")  # fmt: skip
TRADES = ("Technik", "Handel", "Logistik", "Optik", "Medien", "Bau", "Werkzeuge", "Elektronik", "Möbel", "Textil",
          "Papier", "Systeme", "Anlagen", "Feinkost", "Druck", "Sport", "Medizin", "Garten", "Licht", "Küchen")  # fmt: skip
FORMS = {"DE": ("GmbH", "GmbH & Co. KG", "AG", "e.K.", "OHG"), "FR": ("SARL", "SAS", "SA"),
         "GB": ("Ltd", "LLP", "plc"), "SE": ("AB", "AB", "HB")}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A city with one of its postcodes; a postcode belongs to one city only."""

    country: str
    city: str
    postcode: str


def _postcode(country: str, stem: str, number: int) -> str:
    if country == "GB":
        return f"{stem}{1 + number % 9} {1 + number // 9}{'ABDEFGHJLN'[number % 10]}{'PQRSTUWXYZ'[number // 2 % 10]}"
    if country == "SE":
        return f"{stem}{1 + number // 10} {11 + 7 * (number % 10)}"
    return f"{stem}{1 + number if country == 'FR' else 100 + 7 * number:03d}"


def places(country: str) -> list[tuple[Place, int]]:
    """Return every place of a country with its weight (its number of postcodes)."""
    return [
        (Place(country, city, _postcode(country, stem, k)), count)
        for city, stem, count in PLACES[country]
        for k in range(count)
    ]


def street(random: Random, country: str) -> str:
    """Return an invented street and number."""
    number = random.randint(1, 148)
    name = random.choice(STREETS[country])
    return f"{number} {name}" if country in ("FR", "GB") else f"{name} {number}"


def phone(random: Random, country: str) -> str:
    """Return a number of a range kept free for fiction, in international format."""
    match country:
        case "DE":
            area = random.choice(("30 23125", "69 90009", "40 66969", "221 4710", "89 99998"))
            return f"+49 {area}{random.randint(0, 999):03d}"
        case "FR":
            return f"+33 {random.choice(('1 99 00', '2 61 91', '3 53 01', '4 65 71', '5 36 49'))} {random.randint(0, 99):02d} {random.randint(0, 99):02d}"
        case "GB":
            return f"+44 20 7946 0{random.randint(0, 999):03d}"
        case _:
            return f"+46 8 465 004 {random.randint(0, 99):02d}"


def iban(random: Random, country: str) -> str:
    """Return an IBAN with right check digits at a bank that does not exist."""
    digits = "".join(str(random.randint(0, 9)) for _ in range(10))
    match country:
        case "DE":
            body = f"9{random.randint(0, 99):02d}00000{digits}"
        case "FR":
            account = f"9999900001{digits}0"
            body = account + f"{97 - int(account + '00') % 97:02d}"
        case "GB":
            body = f"TEST{digits[:6]}{digits[2:10]}"
        case _:
            body = f"999{digits}{digits[:7]}"
    return country + calc_check_digits(country + "00" + body) + body


def vat(random: Random, country: str) -> str:
    """Return a VAT number with right check digits, with its country's prefix."""
    match country:
        case "DE":
            stem = str(random.randint(10_000_000, 99_999_999))
            return "DE" + stem + mod_11_10.calc_check_digit(stem)
        case "FR":
            stem = str(random.randint(30_000_000, 99_999_999))
            siren = stem + luhn.calc_check_digit(stem)
            return f"FR{int(siren + '12') % 97:02d}{siren}"
        case "GB":
            stem = str(random.randint(1_000_000, 9_999_999))
            return "GB" + next(
                stem + f"{check:02d}"
                for check in range(97)
                if gb_vat.checksum(stem + f"{check:02d}") in ((0, 42) if int(stem) >= 1_000_000 else (0,))
            )
        case _:
            stem = str(random.randint(556_000_00, 559_999_99)) + str(random.randint(0, 9))
            return "SE" + stem + luhn.calc_check_digit(stem) + "01"


def vat_is_valid(number: str) -> bool:
    """Return whether a VAT number's check digit is right."""
    return bool(gb_vat.is_valid(number) if number.startswith("GB") else eu_vat.is_valid(number))


def ascii_name(text: str) -> str:
    """Write a name as it would stand in a mail address."""
    table = str.maketrans(
        {
            "ä": "ae",
            "ö": "oe",
            "ü": "ue",
            "ß": "ss",
            "é": "e",
            "è": "e",
            "ç": "c",
            "ë": "e",
            "î": "i",
            "å": "a",
        }
    )
    plain = text.lower().translate(table)
    return "".join(ch if ch.isascii() and ch.isalnum() else "-" for ch in plain).strip("-")
