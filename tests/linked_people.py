"""An engagement of two systems that hold the same people, whom no column joins."""

import pandas as pd

FIRST = ["Ada", "Bo", "Cem", "Dora", "Emil", "Fay", "Gus", "Hans", "Ida", "Jon"]
LAST = [
    "Albrecht",
    "Bernstein",
    "Castelli",
    "Dubois",
    "Eriksen",
    "Fontaine",
    "Grabowski",
    "Hofmann",
    "Ivanova",
    "Jansen",
]
TOWNS = ["Hamburg", "Bremen", "Rostock", "Kiel", "Lübeck"]


def linked_people(made):
    """Two systems whose customers no column joins: the second writes the surname first, with two letters exchanged."""
    (made / "extracts").mkdir(parents=True)
    rows = [
        (f, n, f"{n[::-1][:4].title()}weg {7 * k + p}", TOWNS[(k + p) % 5])
        for k, f in enumerate(FIRST)
        for p, n in enumerate(LAST)
    ]
    left = pd.DataFrame(rows, columns=["given", "family", "street", "town"])
    right = pd.DataFrame(
        [
            (f"{n[:2]}{n[3]}{n[2]}{n[4:]}, {f}", s[:2] + s[3] + s[2] + s[4:], t.upper())
            for f, n, s, t in rows[20:]
        ],
        columns=["name", "address", "city"],
    )
    left.to_csv(made / "extracts" / "crm.csv", index=False)
    right.to_csv(made / "extracts" / "erp.csv", index=False)
    (made / "engagement.yaml").write_text("client: Acme\n")
    (made / "systems.csv").write_text("id,data\ncrm,people=extracts/crm.csv\nerp,people=extracts/erp.csv\n")
    (made / "integrations.csv").write_text("id,source,target,entity\ni1,crm,erp,people\n")
    return made
