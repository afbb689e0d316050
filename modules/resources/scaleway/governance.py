"""Observability and money."""

from typing import ClassVar, Literal

from modules.resources.base import Ref, Resource
from modules.resources.scaleway.base import Regional


class CockpitSource(Regional):
    """A place in Cockpit to send metrics or logs to, with how long they are kept."""

    terraform_type: ClassVar[str] = "scaleway_cockpit_source"

    type: Literal["metrics", "logs"]
    retention_days: int


class Budget(Resource):
    """Of a whole organisation: Scaleway knows no smaller one."""

    terraform_type: ClassVar[str] = "scaleway_billing_budget"

    consumption_limit: int  # cents


class BudgetAlert(Resource):
    terraform_type: ClassVar[str] = "scaleway_billing_budget_alert"

    budget_id: Ref
    threshold: int  # percent


class BudgetNotification(Resource):
    terraform_type: ClassVar[str] = "scaleway_billing_budget_alert_notification"

    budget_alert_id: Ref
    email_addresses: list[str]
