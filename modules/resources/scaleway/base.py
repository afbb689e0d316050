"""What most Scaleway resources have in common."""

from modules.resources.base import Resource


class Regional(Resource):
    """A resource of one region, always a literal, and of one project."""

    name: str
    region: str
    project_id: str


class Zonal(Resource):
    """A resource of one zone, always a literal, and of one project."""

    name: str
    zone: str
    project_id: str
