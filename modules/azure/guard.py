"""What keeps an environment affordable and undeleted: a budget that warns and a lock that says no."""

from collections.abc import Sequence
from typing import Any

from modules.azure.base import Azure, AzurePart
from modules.resources.azurerm.governance import BudgetNotification, BudgetPeriod, ConsumptionBudget, ManagementLock
from modules.resources.engine import Added, Part


class Guard(AzurePart):
    """The budget starts at a fixed date: one derived from today would change at every plan."""

    def __init__(self, scope: Part, azure: Azure, protects: Sequence[Added[Any]]) -> None:
        super().__init__(scope, "guard", azure)
        budget = self.env.budget
        warnings = [
            BudgetNotification(threshold=80, threshold_type="Actual", contact_emails=budget.contacts),
            BudgetNotification(threshold=100, threshold_type="Forecasted", contact_emails=budget.contacts),
        ]
        spend = ConsumptionBudget(
            name=self.named("budget"),
            resource_group_id=azure.group.id,
            amount=budget.amount_per_month,
            time_period=BudgetPeriod(start_date=f"{budget.starts}T00:00:00Z"),
            notification=warnings,
        )
        self.add("budget", spend)
        if self.azure.cluster.deletion_lock:
            note = "Remove cluster.deletion_lock from the environment first; then this environment can be destroyed."
            # after everything it protects, so that a destroy lifts it first
            self.add("lock", ManagementLock(name=self.named("lock"), scope=azure.group.id, notes=note), depends_on=protects)
