"""Why a project could not be written."""

from __future__ import annotations


class DestinationError(Exception):
    """The destination that was asked for cannot be used."""


class DeliveryError(Exception):
    """The project could not be written, for no fault of the description or the command line."""
