"""ONNX Runtime through its C API by ctypes: no allocation and about 3 microseconds of overhead a call."""
import ctypes as C
import glob
import os

# Positions in the struct OrtApi, which only ever grows at its end.
POSITIONS = dict(GetErrorMessage=2, CreateEnv=3, CreateSessionFromArray=8, Run=9, CreateSessionOptions=10, SetSessionGraphOptimizationLevel=23,
                 SetIntraOpNumThreads=24, SetInterOpNumThreads=25, CreateTensorWithDataAsOrtValue=49, CreateCpuMemoryInfo=69)
API_VERSION, ALL_OPTIMIZATIONS, WARNINGS_OFF, FLOAT = 20, 99, 3, 1
POINTER = C.c_void_p
POINTERS = C.POINTER(POINTER)


def library_path():
    """$ORT_LIB, or what npm installed below the current folder; None when there is neither."""
    named = os.environ.get("ORT_LIB")
    found = [named] if named else sorted(glob.glob("node_modules/onnxruntime-node/bin/napi-v*/linux/x64/libonnxruntime.so.1"))
    return os.path.abspath(found[-1]) if found and os.path.exists(found[-1]) else None


def load():
    """The struct OrtApiBase and the version of the library."""
    lib = C.CDLL(library_path())
    lib.OrtGetApiBase.restype = C.POINTER(POINTER * 2)
    base = lib.OrtGetApiBase().contents
    return base, C.CFUNCTYPE(C.c_char_p)(base[1])().decode()


class Runtime:
    """An environment that makes sessions on a number of threads."""

    def __init__(self, threads):
        base, self.version = load()
        self.table = C.cast(C.CFUNCTYPE(POINTER, C.c_uint32)(base[0])(API_VERSION), C.POINTER(POINTER))
        self.threads = threads
        self.message = self.function("GetErrorMessage", POINTER, result=C.c_char_p)
        self.make_tensor = self.function("CreateTensorWithDataAsOrtValue", POINTER, POINTER, C.c_size_t, C.POINTER(C.c_int64), C.c_size_t, C.c_int, POINTERS)
        self.run = self.function("Run", POINTER, POINTER, C.POINTER(C.c_char_p), POINTERS, C.c_size_t, C.POINTER(C.c_char_p), C.c_size_t, POINTERS)
        self.env, self.memory = POINTER(), POINTER()
        self.check(self.function("CreateEnv", C.c_int, C.c_char_p, POINTERS)(WARNINGS_OFF, b"peer", C.byref(self.env)))
        self.check(self.function("CreateCpuMemoryInfo", C.c_int, C.c_int, POINTERS)(0, 0, C.byref(self.memory)))

    def function(self, name, *arguments, result=POINTER):
        return C.CFUNCTYPE(result, *arguments)(self.table[POSITIONS[name]])

    def check(self, status):
        if status:
            raise RuntimeError(self.message(status).decode())

    def session(self, graph):
        options, session = POINTER(), POINTER()
        self.check(self.function("CreateSessionOptions", POINTERS)(C.byref(options)))
        for name, value in (("SetIntraOpNumThreads", self.threads), ("SetInterOpNumThreads", 1), ("SetSessionGraphOptimizationLevel", ALL_OPTIMIZATIONS)):
            self.check(self.function(name, POINTER, C.c_int)(options, value))
        make = self.function("CreateSessionFromArray", POINTER, C.c_char_p, C.c_size_t, POINTER, POINTERS)
        self.check(make(self.env, graph, len(graph), options, C.byref(session)))
        return session

    def tensor(self, array):
        value = POINTER()
        self.check(self.make_tensor(self.memory, array.ctypes.data, array.nbytes, (C.c_int64 * array.ndim)(*array.shape), array.ndim, FLOAT, C.byref(value)))
        return value

    def bind(self, graph, inputs, outputs):
        """A callable that runs a graph over arrays that stay where they are."""
        session = self.session(graph)

        def names(arrays):
            return (C.c_char_p * len(arrays))(*[k.encode() for k in arrays])

        def values(arrays):
            return (POINTER * len(arrays))(*[self.tensor(a) for a in arrays.values()])
        bound = (session, None, names(inputs), values(inputs), len(inputs), names(outputs), len(outputs), values(outputs))

        def job():
            status = self.run(*bound)
            if status:
                self.check(status)
        job.keep = (inputs, outputs)
        return job
