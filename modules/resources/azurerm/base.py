"""What most Azure resources have in common."""

from modules.resources.base import Resource, Text


class Located(Resource):
    """A resource with a place: region, resource group and tags. The region is always a literal."""

    name: str
    location: str
    resource_group_name: Text
    tags: dict[str, str]
