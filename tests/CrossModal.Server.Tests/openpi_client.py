"""A client of openpi's WebSocket in the form its public Python client has: metadata, then an action for each observation."""
import asyncio
import functools
import sys

import msgpack
import numpy
import websockets


def pack_array(value):
    if isinstance(value, numpy.ndarray):
        return {b"__ndarray__": True, b"data": value.tobytes(), b"dtype": value.dtype.str, b"shape": value.shape}
    if isinstance(value, numpy.generic):
        return {b"__npgeneric__": True, b"data": value.item(), b"dtype": value.dtype.str}
    return value


def unpack_array(value):
    if b"__ndarray__" in value:
        return numpy.ndarray(buffer=value[b"data"], dtype=numpy.dtype(value[b"dtype"]), shape=value[b"shape"])
    return value


pack = functools.partial(msgpack.packb, default=pack_array)
unpack = functools.partial(msgpack.unpackb, object_hook=unpack_array)


async def main():
    async with websockets.connect(sys.argv[1], compression=None, max_size=None) as connection:
        print(unpack(await connection.recv())["policy"])
        for i in range(3):
            picture = numpy.full((48, 64, 3), i, numpy.uint8)
            state = numpy.array([i, 10 * i], dtype=[">f4", "<f8", "<i2"][i])
            await connection.send(pack({"camera": picture, "state": state, "prompt": "go"}))
            reply = unpack(await connection.recv())
            assert reply["server_timing"]["infer_ms"] >= 0
            print(reply["actions"].shape, reply["actions"].tolist())


asyncio.run(main())
