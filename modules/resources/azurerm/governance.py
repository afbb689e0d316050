"""What keeps an environment together, watched, affordable and undeleted."""

from typing import ClassVar, Literal

from modules.resources.azurerm.base import Located
from modules.resources.base import Block, Ref, Resource


class ResourceGroup(Resource):
    terraform_type: ClassVar[str] = "azurerm_resource_group"

    name: str
    location: str
    tags: dict[str, str]


class LogAnalyticsWorkspace(Located):
    """Platform logs, in the zone. Only Azure itself delivers to it; people read it through Entra."""

    terraform_type: ClassVar[str] = "azurerm_log_analytics_workspace"

    sku: Literal["PerGB2018"] = "PerGB2018"
    retention_in_days: int
    local_authentication_enabled: bool = False
    internet_ingestion_access_type: Literal["Disabled"] = "Disabled"
    internet_query_access_type: Literal["Enabled"] = "Enabled"


class DiagnosticLog(Block):
    category: str | None = None
    category_group: str | None = None


class DiagnosticMetric(Block):
    category: Literal["AllMetrics"] = "AllMetrics"


class DiagnosticSetting(Resource):
    terraform_type: ClassVar[str] = "azurerm_monitor_diagnostic_setting"

    name: str = "to-log-analytics"
    target_resource_id: Ref
    log_analytics_workspace_id: Ref
    log_analytics_destination_type: Literal["Dedicated"] | None = None
    enabled_log: list[DiagnosticLog]
    enabled_metric: list[DiagnosticMetric] | None = None


class BudgetPeriod(Block):
    start_date: str


class BudgetNotification(Block):
    operator: Literal["GreaterThanOrEqualTo"] = "GreaterThanOrEqualTo"
    threshold: int
    threshold_type: Literal["Actual", "Forecasted"]
    contact_emails: list[str]


class ConsumptionBudget(Resource):
    """A monthly budget in the billing currency of the subscription."""

    terraform_type: ClassVar[str] = "azurerm_consumption_budget_resource_group"

    name: str
    resource_group_id: Ref
    amount: int
    time_period: BudgetPeriod
    notification: list[BudgetNotification]


class ManagementLock(Resource):
    terraform_type: ClassVar[str] = "azurerm_management_lock"

    name: str
    scope: Ref
    lock_level: Literal["CanNotDelete"] = "CanNotDelete"
    notes: str
