"""Compiled templates, kept from one run to the next: compiling them took a fifth of the time of a new project.

They lie in one file of the user's cache folder. What jinja makes of a template depends on its source, its name and the
environment alone, so these are its key; whatever is wrong with the file, templates are compiled anew.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib.util
import marshal
import os
import tempfile
from collections.abc import Callable
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import Environment

from .cache_folder import cache_folder

MAX_BYTES = 8_000_000  # then it begins anew, since versions that are not used any more lie in it
_DIGEST = 32
_COMPILED: dict[bytes, bytes] = {}  # in this run: an update renders two versions, and the file is written at exit


def keep_compiled(environment: Environment) -> None:
    """Make an environment take compiled templates from the cache, and add those that are missing at exit."""
    cache = Cache(environment, _COMPILED)
    environment.compile = cache.compile  # type: ignore[method-assign]
    atexit.register(cache.save)


class Cache:
    """The compiled templates of one environment.

    Args:
        environment: compiles what is not known.
        compiled: what was compiled in this run, and what is added to it; None: nothing yet.
    """

    def __init__(self, environment: Environment, compiled: dict[bytes, bytes] | None = None) -> None:
        self._environment = environment
        self._compile: Callable[..., Any] = environment.compile
        self._path = cache_folder() / "templates.bin"
        self._new = {} if compiled is None else compiled
        self._known = _read(self._path) | self._new

    @cached_property
    def _context(self) -> str:
        """What the code of a template depends on beside its source; known when the environment is complete."""
        one = self._environment
        marks = (one.block_start_string, one.variable_start_string, one.comment_start_string)
        blanks = (one.trim_blocks, one.lstrip_blocks, one.keep_trailing_newline)
        made_by = (version("jinja2"), importlib.util.MAGIC_NUMBER, type(one).__name__, sorted(one.extensions))
        return repr((*marks, *blanks, *made_by, one.autoescape))

    def compile(
        self, source: Any, name: str | None = None, filename: str | None = None, *more: Any, **named: Any
    ) -> Any:
        """Return the code of a template, as ``Environment.compile`` does."""
        if not isinstance(source, str) or more or named:
            return self._compile(source, name, filename, *more, **named)
        key = hashlib.sha256(f"{self._context}\0{name}\0{source}".encode()).digest()
        if key in self._known:
            return marshal.loads(self._known[key])
        code: CodeType = self._compile(source, name, name)  # the file may be a copy that is gone in the next run
        self._known[key] = self._new[key] = marshal.dumps(code)
        return code

    def save(self) -> None:
        """Write the cache, if templates were compiled; a folder that cannot be written to is no error."""
        if not self._new:
            return
        kept = _read(self._path) | self._new
        if sum(map(len, kept.values())) > MAX_BYTES:
            kept = dict(self._new)
        self._new.clear()  # so that other environments of this run do not write it again
        content = marshal.dumps(kept)
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=self._path.parent)
            with open(descriptor, "wb") as file:
                file.write(hashlib.sha256(content).digest() + content)
            os.replace(temporary, self._path)
        except OSError:
            pass


def _read(path: Path) -> dict[bytes, bytes]:
    """Return what the file holds; nothing when it is damaged, or when another user could have written it."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
                return {}
            content = file.read()
    except OSError:
        return {}
    if hashlib.sha256(content[_DIGEST:]).digest() != content[:_DIGEST]:
        return {}
    known: dict[bytes, bytes] = marshal.loads(content[_DIGEST:])
    return known
