"""Which errors of an AWS client mean that the service is away, and which that our call was wrong."""

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

_THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
    }
)


def is_outage(error: Exception) -> bool:
    """True: no answer, a 5xx, or a throttle. False: a bad address, a missing permission, a setting of ours."""
    if isinstance(error, ClientError):
        said = error.response
        status = int(said.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        return status >= 500 or str(said.get("Error", {}).get("Code", "")) in _THROTTLED
    return isinstance(error, ConnectionError | HTTPClientError)
