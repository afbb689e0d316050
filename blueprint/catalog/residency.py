"""`catalog/residency/`: countries, and why data may be there."""

from typing import Literal

from blueprint.catalog.base import AsOf, Sourced


class CountryEntry(Sourced):
    """A country and why data may be there. `membership` None: only with safeguards of one's own."""

    name: str
    membership: Literal["eu", "eea", "adequate"] | None = None
    valid_from: AsOf | None = None
    valid_until: AsOf | None = None
    scope: str | None = None
    framework: str | None = None
