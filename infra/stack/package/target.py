"""What a package is built for: a version of Python and a processor."""

import platform
from dataclasses import dataclass

from infra.stack.package.errors import NotPackaged
from infra.stack.package.pythons import find_python

ARM64, X86_64 = "arm64", "x86_64"
ARCHITECTURES = (ARM64, X86_64)
OLDEST_PYTHON = (3, 11)

_ARCHITECTURE_OF_MACHINE = {"aarch64": ARM64, "arm64": ARM64, "amd64": X86_64, "x86_64": X86_64}
# The oldest C library that any Lambda runtime of Python has is glibc 2.26; manylinux2014 asks for 2.17.
_PLATFORMS = {ARM64: "aarch64-manylinux2014", X86_64: "x86_64-manylinux2014"}


@dataclass(frozen=True, kw_only=True)
class Target:
    """A Lambda runtime, and the interpreter on this machine that compiles for it.

    Args:
        python: the interpreter's program.
        python_version: its version as `3.12`.
        architecture: `arm64` or `x86_64`.
    """

    python: str
    python_version: str
    architecture: str

    @property
    def runtime(self) -> str:
        """Lambda's name of this version of Python."""
        return f"python{self.python_version}"

    @property
    def platform(self) -> str:
        """The tag of wheels for this processor."""
        return _PLATFORMS[self.architecture]


def target_of(program: str, architecture: str) -> Target:
    """Return the target whose version of Python is that of an interpreter.

    Args:
        program: the interpreter, e.g. `python3.13`.
        architecture: `arm64` or `x86_64`.

    Raises:
        NotPackaged: there is no such interpreter, or its version is too old.
    """
    found = find_python(program)
    if not found:
        raise NotPackaged(
            f"{program} does not run here; name another with --python (make: PYTHON=python3.13)"
        )
    version = ".".join(map(str, found.version))
    if found.version < OLDEST_PYTHON:
        raise NotPackaged(f"{program} is Python {version}; name one of 3.11 or newer with --python")
    return Target(python=found.program, python_version=version, architecture=architecture)


def machine_architecture() -> str:
    """Return Lambda's name of this machine's processor.

    Raises:
        NotPackaged: Lambda has no such processor.
    """
    machine = platform.machine().lower()
    if machine not in _ARCHITECTURE_OF_MACHINE:
        raise NotPackaged(f"Lambda does not run on {machine}; choose with --architecture")
    return _ARCHITECTURE_OF_MACHINE[machine]
