"""Finds OpenBLAS."""
import ctypes
import ctypes.util
import os

DEBIAN = "/usr/lib/x86_64-linux-gnu/openblas-{}"


def library():
    """The build with its own threads, or None."""
    debian = os.path.join(DEBIAN.format("pthread"), "libopenblas.so.0")
    path = debian if os.path.exists(debian) else ctypes.util.find_library("openblas")
    return ctypes.CDLL(path) if path else None


def version(lib):
    lib.openblas_get_config.restype = ctypes.c_char_p
    return lib.openblas_get_config().decode()


def openmp_folder():
    """The folder of the build with OpenMP: $OMPBLAS, or Debian's; None when there is neither."""
    for folder in (os.environ.get("OMPBLAS"), DEBIAN.format("openmp")):
        if folder and os.path.exists(os.path.join(folder, "libopenblas.so.0")):
            return os.path.abspath(folder)
    return None
