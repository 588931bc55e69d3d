"""References to entities: ``[kind:][namespace/]name``."""

from __future__ import annotations

from assess.intake.problem import shown

DEFAULT_NAMESPACE = "default"

LONGEST = 253
"""Characters of a reference that is read; Backstage takes 63 for each of its parts."""


class WrongRef(ValueError):
    """A text that refers to no entity; the message says why."""


def canonical(kind: str, namespace: str, name: str) -> str:
    """Return the one way to write a reference: references are compared without case.

    >>> canonical("API", "default", "Orders")
    'api:default/orders'
    """
    return f"{kind}:{namespace}/{name}".lower()


def parse(text: str, kind: str = "", namespace: str = DEFAULT_NAMESPACE) -> str:
    """Return the canonical form of a reference, its missing parts filled in.

    Parameters
    ----------
    kind
        Kind where the reference names none; empty where it must name one.
    namespace
        Namespace where the reference names none: that of the entity that refers.

    Raises
    ------
    WrongRef
        If a part is empty, there is no kind, or it is longer than `LONGEST`.

    Notes
    -----
    As `parseEntityRef` of @backstage/catalog-model: a colon behind the first slash belongs to the name.

    Examples
    --------
    >>> parse("Finance-Systems", "Group")
    'group:default/finance-systems'
    >>> parse("component:shop", "API"), parse("ops/shop", "Component")
    ('component:default/shop', 'component:ops/shop')
    """
    if len(text) > LONGEST:
        raise WrongRef("is longer than any reference")
    slash, colon = text.find("/"), text.find(":")
    if -1 < slash < colon:
        colon = -1
    said_kind = kind if colon == -1 else text[:colon]
    said_namespace = namespace if slash == -1 else text[colon + 1 : slash]
    name = text[max(colon, slash) + 1 :]
    if not said_kind:
        raise WrongRef("names no kind, such as component:name")
    if not said_namespace or not name:
        raise WrongRef("is no reference")
    return canonical(said_kind, said_namespace, name)


def parts(ref: str) -> tuple[str, str, str]:
    """Return kind, namespace and name of a canonical reference.

    >>> parts("component:default/shop")
    ('component', 'default', 'shop')
    """
    kind, _, rest = ref.partition(":")
    namespace, _, name = rest.partition("/")
    return kind, namespace, name


def short(ref: str) -> str:
    """Return a reference as people say it: without the namespace where that is the default one.

    >>> short("component:default/shop"), short("group:ops/shop")
    ('component shop', 'group ops/shop')
    """
    kind, namespace, name = parts(ref)
    kind = "API" if kind == "api" else kind
    return shown(f"{kind} {name}" if namespace == DEFAULT_NAMESPACE else f"{kind} {namespace}/{name}")
