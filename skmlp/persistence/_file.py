"""One file: a NumPy archive without pickle, replaced as a whole or not at all."""

import glob
import json
import os
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from skmlp._typing import Array
from skmlp.persistence._plain import from_json, to_json

if sys.platform != "win32":
    import fcntl

MAGIC = "skmlp checkpoint"
FORMAT = 2
_HEADER = "header"


def write_file(path: Path, contents: dict[str, Any]) -> None:
    """Write nested arrays, numbers and strings, replacing the file at `path` at the very end.

    Whatever ends this process on the way leaves the file that was there before.
    """
    arrays: dict[str, Any] = {}
    header = {"magic": MAGIC, "format": FORMAT, "contents": to_json(contents, arrays)}
    arrays[_HEADER] = np.frombuffer(json.dumps(header).encode(), np.uint8)
    # Two trainings that share a path by mistake must not write into one another's part.
    part = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        with _claimed(part):
            with part.open("wb") as file:
                np.savez(file, **arrays)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def remove_leftovers(path: Path) -> None:
    """Remove the parts of the file at `path` whose writers were killed."""
    for part in path.parent.glob(f"{glob.escape(path.name)}.*.part"):
        # Whoever is writing it, or a file system without locks, makes this an error.
        with suppress(OSError):
            _remove_unclaimed(part)


def _remove_unclaimed(part: Path) -> None:
    """Remove a part, or raise an OSError if it is claimed."""
    if sys.platform == "win32":
        # Windows deletes no file that is open.
        part.unlink()
        return
    with part.open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_at(part, file):
            part.unlink()


@contextmanager
def _claimed(part: Path) -> Iterator[None]:
    """Keep others from taking a part for a leftover; the claim of a killed process is void."""
    if sys.platform == "win32":
        # Windows renames no file that is open.
        yield
        return
    while True:
        with part.open("ab") as file:
            # Whoever removes leftovers lets go of it at once.
            with suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_EX)
            # Between the two lines it may have been taken for one.
            if _is_at(part, file):
                yield
                return


def _is_at(path: Path, file: BinaryIO) -> bool:
    """Return whether an open file is the one that has this name now."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def read_file(path: Path) -> dict[str, Any]:
    """Return what `write_file` was given."""
    with path.open("rb") as file:
        try:
            arrays = _read_arrays(file)
            header = json.loads(arrays[_HEADER].tobytes()) if _HEADER in arrays else {}
        # Damage shows in whatever way the reader of the archive stumbles over it.
        except Exception as error:
            raise damaged(path, error) from error
    if not isinstance(header, dict) or header.get("magic") != MAGIC:
        raise ValueError(
            f"`path` must be a file of `skmlp.Checkpoint`; got {str(path)!r}, an archive of "
            "something else."
        )
    if header.get("format") != FORMAT:
        raise ValueError(
            f"`path` must be a file of format {FORMAT}; got {str(path)!r} of format "
            f"{header.get('format')!r}, by another version of skmlp. Resume it with that version."
        )
    try:
        return _as_dict(from_json(header["contents"], arrays))
    except Exception as error:
        raise damaged(path, error) from error


def damaged(path: Path, error: Exception) -> ValueError:
    """Return the error that says that a file is not whole."""
    return ValueError(
        f"`path` must be a whole file of `skmlp.Checkpoint`; got {str(path)!r}, which is damaged, "
        f"truncated or something else ({type(error).__name__}: {error}). Take a copy of it, or fit "
        "anew."
    )


def _read_arrays(file: BinaryIO) -> dict[str, Array]:
    """Return all members; reading one to its end compares its check sum."""
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
    # Never written so; a small file could unpack to one that fills the memory.
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise ValueError("compressed")
    if sum(member.file_size for member in members) > file.seek(0, os.SEEK_END):
        raise ValueError("members that overlap")
    file.seek(0)
    with np.load(file, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def _as_dict(contents: Any) -> dict[str, Any]:
    if not isinstance(contents, dict):
        raise ValueError("no table of contents")
    return contents
