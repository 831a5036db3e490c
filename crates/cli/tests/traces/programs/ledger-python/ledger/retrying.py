"""Does things again."""

import functools


def retried(times):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            for attempt in range(times):
                try:
                    return function(*args, **kwargs)
                except ConnectionError:
                    if attempt + 1 == times:
                        raise

        return wrapper

    return decorate
