"""The customers as the CRM and the billing system hold them, and what is wrong with each."""

from __future__ import annotations

from random import Random

from stdnum import iban

from generator import defects, people
from generator.ledger import Extract, Row

from .world import TODAY, Customer, World


def crm(random: Random, world: World) -> Extract:
    """CRM: ISO country codes, ISO dates, one name per part, company and person apart."""
    table = Extract.of("crm", "customers", map(_crm_record, world.customers))
    table.plant(
        random, 70, "created_at", "date-format", defects.written("%d.%m.%Y"), "DD.MM.YYYY among ISO dates"
    )
    table.plant(
        random, 45, "created_at", "date-format", defects.written("%m/%d/%Y"), "MM/DD/YYYY among ISO dates"
    )
    table.plant(random, 14, "created_at", "disguised-missing", defects.always("1900-01-01"), "default date")
    table.plant(random, 12, "updated_at", "disguised-missing", defects.always("0000-00-00"), "default date")
    table.plant(random, 60, "email", "invalid-email", defects.broken_mail(random))
    table.plant(random, 55, "email", "missing", defects.always(""))
    table.plant(random, 60, "phone", "disguised-missing", defects.one_of(random, defects.DISGUISES))
    table.plant(random, 40, "phone", "invalid-phone", lambda text: text[:8], "cut off")
    table.plant(random, 45, "city", "typo", defects.typo(random), where=lambda v: len(v["city"]) > 5)
    table.plant(
        random, 30, "city", "mojibake", defects.mojibake, "UTF-8 read as cp1252", where=_umlaut("city")
    )
    table.plant(
        random,
        35,
        "last_name",
        "mojibake",
        defects.mojibake,
        "UTF-8 read as cp1252",
        where=_umlaut("last_name"),
    )
    table.plant(random, 50, "company", "whitespace", defects.spaced(random))
    table.plant(random, 30, "city", "case", defects.shout)
    table.plant(
        random,
        40,
        "postcode",
        "leading-zero-lost",
        lambda text: text.lstrip("0"),
        where=lambda v: v["postcode"].startswith("0"),
    )
    table.plant(
        random,
        30,
        "vat_id",
        "invalid-vat",
        defects.swapped_digits(random, people.vat_is_valid),
        "check digit fails",
    )
    table.plant(random, 60, "country", "vocabulary", lambda text: people.NAMES[text], "name among codes")
    table.plant(random, 25, "country", "missing", defects.always(""))
    table.plant(random, 25, "credit_limit", "disguised-missing", defects.always("-999999"), "default number")
    table.plant(
        random,
        8,
        "credit_limit",
        "outlier",
        lambda text: text.replace(".00", "") + "000.00",
        "a thousand times the limit",
    )
    table.plant(random, 25, "status", "typo", defects.typo(random))
    for row in table.pick(random, 20, "updated_at", lambda v: v["created_at"] > "2021-06-01"):
        row.plant(
            "updated_at",
            "2020-11-" + row.values["created_at"][8:10].replace("31", "30"),
            "end-before-start",
            "updated before created",
        )
    for row in table.pick(random, 30, "city", lambda v: v["country"] == "DE" and v["city"] != "Berlin"):
        row.plant("city", "Berlin", "dependency", "the postcode belongs to another city")
    table.duplicate(random, 45, "duplicate-exact")
    table.duplicate(
        random, 60, "duplicate-formatting", _reformatted, "same customer, other case, spaces or phone format"
    )
    table.duplicate(
        random, 70, "duplicate-fuzzy", lambda v: _retyped(random, v), "same customer under a new number"
    )
    return table


def _crm_record(c: Customer) -> dict[str, object]:
    return {
        "customer_no": c.no,
        "company": c.company,
        "first_name": c.first,
        "last_name": c.last,
        "email": c.email,
        "phone": c.phone,
        "street": c.street,
        "postcode": c.place.postcode,
        "city": c.place.city,
        "country": c.place.country,
        "vat_id": c.vat,
        "segment": c.segment,
        "status": c.status,
        "credit_limit": f"{c.credit_limit}.00",
        "account_manager": c.manager,
        "created_at": c.created.date().isoformat(),
        "updated_at": c.updated.date().isoformat(),
    }


def _umlaut(column: str):  # noqa: ANN202
    return lambda values: not values[column].isascii()


def _reformatted(values: dict[str, str]) -> dict[str, str]:
    return {
        "company": values["company"].upper(),
        "last_name": values["last_name"] + " ",
        "phone": values["phone"].replace(" ", ""),
        "email": values["email"].upper(),
    }


def _retyped(random: Random, values: dict[str, str]) -> dict[str, str]:
    return {
        "customer_no": f"C{int(values['customer_no'][1:]) + 800_000}",
        "last_name": defects.typo(random)(values["last_name"]),
        "street": values["street"].replace("straße", "str.").replace("Street", "St"),
        "email": values["email"].replace(".", "_", 1),
    }


STATUS = {"active": "A", "dormant": "I", "lost": "B"}


def billing(random: Random, world: World) -> Extract:
    """Billing: no customer number of the CRM, country names, German dates, cents, one name field."""
    table = Extract.of(
        "billing", "customers", (_billing_record(random, c) for c in world.customers if c.account)
    )
    stale(random, table)
    table.plant(
        random,
        60,
        "iban",
        "invalid-iban",
        defects.swapped_digits(random, iban.is_valid),
        "check digits fail",
        where=lambda v: v["email"] != "",
    )
    table.plant(random, 45, "iban", "missing", defects.always(""))
    table.plant(
        random,
        40,
        "country",
        "vocabulary",
        defects.one_of(random, ("Deutschland", "BRD", "Allemagne")),
        "other name of the country",
        where=lambda v: v["country"] == "Germany",
    )
    table.plant(random, 30, "country", "typo", defects.typo(random))
    table.plant(random, 40, "account_no", "leading-zero-lost", lambda text: text.lstrip("0"))
    table.plant(
        random,
        50,
        "created",
        "date-format",
        lambda text: f"{text[6:]}-{text[3:5]}-{text[:2]}",
        "ISO among DD.MM.YYYY",
    )
    table.plant(random, 12, "created", "disguised-missing", defects.always("01.01.1900"), "default date")
    table.plant(
        random,
        10,
        "created",
        "impossible-date",
        defects.one_of(random, ("31.02.2023", "30.02.2024", "31.06.2022", "00.00.0000")),
    )
    table.plant(random, 40, "vat_no", "disguised-missing", defects.one_of(random, defects.DISGUISES))
    table.plant(
        random,
        25,
        "vat_no",
        "invalid-vat",
        defects.swapped_digits(random, people.vat_is_valid),
        "check digit fails",
    )
    table.plant(
        random, 45, "town", "mojibake", defects.mojibake, "UTF-8 read as cp1252", where=_umlaut("town")
    )
    table.plant(random, 40, "email", "invalid-email", defects.broken_mail(random))
    table.plant(
        random,
        20,
        "open_balance_cents",
        "number-format",
        lambda text: f"{int(text) // 100},{int(text) % 100:02d}",
        "euros with a decimal comma among cents",
    )
    table.plant(
        random,
        15,
        "open_balance_cents",
        "unit-in-value",
        lambda text: f"{int(text) // 100} EUR",
        "unit in the value",
    )
    table.plant(random, 20, "payment_terms", "out-of-vocabulary", defects.one_of(random, ("99", "0", "7d")))
    for k in range(40):
        table.rows.insert(random.randint(0, len(table.rows)), _unknown_account(random, k))
    table.duplicate(random, 30, "duplicate-exact")
    table.duplicate(
        random,
        40,
        "duplicate-fuzzy",
        lambda v: {
            "account_no": f"{int(v['account_no']) + 30_000:08d}",
            "name": defects.typo(random)(v["name"]),
        },
        "same debtor under a new account",
    )
    table.define(
        "account_no",
        "no-common-key",
        "no customer number of the CRM: joins only by name, e-mail or VAT number",
    )
    table.define("country", "vocabulary-conflict", "country names here, ISO codes in crm.customers.country")
    table.define("status", "vocabulary-conflict", "A/I/B here, active/dormant/lost in crm.customers.status")
    table.define("created", "date-format-conflict", "DD.MM.YYYY here, YYYY-MM-DD in crm.customers.created_at")
    table.define("name", "length", "at most 30 characters here, longer in crm.customers.company")
    table.define(
        "name", "structure-conflict", "one field here, company, first and last name in crm.customers"
    )
    return table


def _billing_record(random: Random, c: Customer) -> dict[str, object]:
    created = c.created.date()
    return {
        "account_no": c.account,
        "name": (c.company or f"{c.first} {c.last}")[:30].strip(),
        "email": c.email,
        "vat_no": c.vat,
        "street": c.street,
        "zip": c.place.postcode,
        "town": c.place.city,
        "country": people.NAMES[c.place.country],
        "iban": c.iban,
        "payment_terms": str(c.terms),
        "status": STATUS[c.status],
        "open_balance_cents": str(random.choice((0, 0, 0, random.randint(900, 480_000)))),
        "created": created.strftime("%d.%m.%Y"),
    }


def stale(random: Random, table: Extract) -> None:
    """Let the billing system miss address changes that the CRM knows."""
    homes = [place for country in people.COUNTRIES for place, _ in people.places(country)]
    by_country = {people.NAMES[c]: [h for h in homes if h.country == c] for c in people.COUNTRIES}
    for row in table.pick(random, 150, "zip"):
        place = random.choice(by_country[row.values["country"]])
        if place.city == row.values["town"]:
            continue
        detail = "moved: the CRM has the new address"
        row.plant("zip", place.postcode, "disagreement", detail)
        row.plant("town", place.city, "disagreement", detail)


def _unknown_account(random: Random, k: int) -> Row:
    place = people.places("DE")[random.randrange(300)][0]
    last = random.choice(people.LAST["DE"])
    values = {
        "account_no": f"{90_000 + k:08d}",
        "name": f"{random.choice(people.FIRST['DE'])} {last}",
        "email": f"{people.ascii_name(last)}{1000 + k}@example.net",
        "vat_no": "",
        "street": people.street(random, "DE"),
        "zip": place.postcode,
        "town": place.city,
        "country": "Germany",
        "iban": people.iban(random, "DE"),
        "payment_terms": "14",
        "status": "A",
        "open_balance_cents": "0",
        "created": (TODAY.replace(year=2022, month=1 + k % 12, day=1 + k % 28)).strftime("%d.%m.%Y"),
    }
    return Row(values, [("", "one-side-only", "debtor that the CRM does not know")])
