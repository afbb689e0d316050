"""What keeps an environment observable and affordable: places in Cockpit with a retention, and a budget where it is asked for.

Scaleway's budgets are of a whole organisation, so one is only right where the organisation holds nothing else.
"""

from blueprint.environment import Environment
from modules.resources.engine import Part
from modules.resources.scaleway.governance import Budget, BudgetAlert, BudgetNotification, CockpitSource
from modules.scaleway.base import ScalewayPart

ALERT_PERCENT = (80, 100)


class Guard(ScalewayPart):
    """Metrics are kept as long as in the cluster's own Prometheus, logs as long as the environment says."""

    def __init__(self, scope: Part, env: Environment) -> None:
        super().__init__(scope, "guard", env)
        kept = env.monitoring
        self.add("metrics", CockpitSource(**self.regional(self.named("metrics")), type="metrics", retention_days=kept.retention_days))
        self.add("logs", CockpitSource(**self.regional(self.named("logs")), type="logs", retention_days=kept.logs_retention_days))
        if self.cluster.organisation_budget:
            self._budget()

    def _budget(self) -> None:
        wanted = self.env.budget
        budget = self.add("budget", Budget(consumption_limit=100 * wanted.amount_per_month))
        for percent in ALERT_PERCENT:
            alert = self.add(f"alert-{percent}", BudgetAlert(budget_id=budget.id, threshold=percent))
            self.add(f"mail-{percent}", BudgetNotification(budget_alert_id=alert.id, email_addresses=wanted.contacts))
