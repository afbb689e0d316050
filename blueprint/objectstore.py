"""S3-compatible object storage, whoever runs it: one client, and one way to tell what went wrong.

Services differ in what they offer. "Not offered" (HTTP 501) is a fact to note and to live with; "refused" is a mistake of
ours or a missing right, and stops us.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from blueprint import places
from blueprint.catalog import load_catalog
from blueprint.environment import Environment
from blueprint.errors import BlueprintError
from blueprint.facts import Unknown
from blueprint.zones import country_name

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

NOT_OFFERED = ("NotImplemented", "501", "MethodNotAllowed", "405")
ATTEMPTS = 5


class Refused(BlueprintError):
    """The store said no, or is not where it should be."""

    exit_code = 1


class NotOffered(Exception):
    """The service does not have this feature."""


def check_location(env: Environment, region: str, endpoint: str, where: str) -> None:
    """Refuse a store outside the zone before anything is sent to it.

    `region` is one the catalogue knows, or a site of one's own, which validation has looked at. Whoever names a region of a
    cloud in the endpoint's host must mean the same one. Raises Refused.
    """
    zone = env.data_residency.perimeter
    known = {name: found for cloud in load_catalog().providers.values() for name, found in cloud.regions.items()}
    host = urlsplit(endpoint).hostname or ""
    for name in {region, *host.split(".")} & known.keys():
        if not zone.contains(known[name].country):
            message = f"{where}: {name} is in {country_name(known[name].country)}, outside zone {zone.name}"
            raise Refused(message, "choose a region inside the zone; nothing was sent")
        if name != region:
            raise Refused(f"{where}: endpoint {host} is of {name}, but region is {region}", "make them agree; nothing was sent")
    place = places.host(host)
    if not isinstance(place, Unknown) and (said := zone.objection(place)):
        raise Refused(f"{where}: {said}", "choose an endpoint inside the zone; nothing was sent")


def connect(endpoint: str, region: str) -> "S3Client":
    """A client for one endpoint; credentials come from AWS_* variables or the profile, as Terraform's do.

    Checksums that not every service knows are left out: each upload carries a Content-MD5 instead.
    """
    import boto3
    from botocore.config import Config

    config = Config(
        s3={"addressing_style": "path"},
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        connect_timeout=10,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return boto3.session.Session().client("s3", endpoint_url=endpoint, region_name=region, config=config)


@contextmanager
def asking(endpoint: str, action: str) -> Iterator[None]:
    """Around calls to the store: raises Refused or NotOffered for what boto3 raises."""
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

    try:
        yield
    except ClientError as error:
        code = error_code(error)
        if code in NOT_OFFERED or error.response["ResponseMetadata"]["HTTPStatusCode"] == 501:
            raise NotOffered(action) from None
        said = error.response["Error"].get("Message", "")
        raise Refused(f"{endpoint} refused to {action}: {code} {said}".rstrip(), _advice(code)) from None
    except (NoCredentialsError, PartialCredentialsError):
        step = "export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of somebody who may"
        raise Refused(f"no credentials to {action} at {endpoint}", step) from None
    except BotoCoreError as error:
        raise Refused(f"could not {action} at {endpoint}: {error}", "check the address, the network and the certificate") from None


def error_code(error: Exception) -> str:
    """The service's own code of a ClientError, such as `AccessDenied`; HEAD requests only have the HTTP status."""
    response: dict[str, dict[str, str]] = getattr(error, "response", {})
    return response.get("Error", {}).get("Code", "")


def _advice(code: str) -> str:
    match code:
        case "AccessDenied" | "403" | "AllAccessDisabled":
            return "give these credentials the right, or use others"
        case "SignatureDoesNotMatch" | "InvalidAccessKeyId" | "InvalidClientTokenId" | "401":
            return "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        case "BucketAlreadyExists" | "BucketAlreadyOwnedByYou":
            return "bucket names are shared with other customers of the service: choose another one"
    return ""
