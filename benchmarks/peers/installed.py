"""Prints what there is for the peers to run on, one line each: name and version.  What is missing is not printed."""
import importlib


def version_of(module):
    return importlib.import_module(module).__version__


def openblas_pthread():
    import openblas
    lib = openblas.library()
    return openblas.version(lib) if lib else None


def openblas_openmp():
    import openblas
    return openblas.openmp_folder()


probes = {"numpy": lambda: version_of("numpy"), "torch": lambda: version_of("torch"), "openblas": openblas_pthread, "openblas-openmp": openblas_openmp}
for name, probe in probes.items():
    try:
        found = probe()
    except Exception:  # whatever keeps it from loading, it is not there
        found = None
    if found:
        print(name, found)
