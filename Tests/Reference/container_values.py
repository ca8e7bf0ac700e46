"""The values of a container as JSON, in the words of our configs."""

import enum
import functools
import inspect
from dataclasses import fields, is_dataclass

import torch

DTYPES = {torch.float32: "fp32", torch.bfloat16: "bf16", torch.float16: "fp16"}


def plain(value):
    """A loaded value as JSON, in the words of our configs."""
    if isinstance(value, torch.dtype):
        return DTYPES[value]
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, functools.partial):
        return {"partial": f"{value.func.__module__}.{value.func.__qualname__}", "keywords": value.keywords}
    if is_dataclass(value) and not isinstance(value, type):
        return values(value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, set):
        return sorted(value)
    if callable(value):
        module = inspect.getmodule(value)
        return f"{getattr(value, '__module__', None) or module.__name__}.{value.__name__}"
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def values(loaded):
    cls = type(loaded)
    result = {"class": f"{cls.__module__}.{cls.__qualname__}"}
    for field in fields(loaded):
        if field.init and hasattr(loaded, field.name):
            result[field.name] = plain(getattr(loaded, field.name))
    return result


def of_container(container):
    return {field.name: plain(getattr(container, field.name)) for field in fields(container)
            if not field.name.startswith("_")}


def difference(loaded, base):
    """What is not as in `base`; an object of another class is given whole."""
    result = {}
    for attribute, value in loaded.items():
        other = base.get(attribute)
        if isinstance(value, dict) and isinstance(other, dict) and value.get("class") == other.get("class"):
            missing = [name for name in other if name not in value]
            value = {name: item for name, item in value.items() if name not in other or other[name] != item}
            if missing:
                value["missing"] = missing
            if value:
                result[attribute] = value
        elif attribute not in base or value != other:
            result[attribute] = value
    return result
