"""Compares all cases, and says how many differ."""

from concurrent.futures import ThreadPoolExecutor


def count_different(what, compare, cases):
    """Prints a line for each case, by `compare(case)`: whether it is good, and the line. How many are not good."""
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(compare, cases))
    for _, line in results:
        print(line)
    failures = sum(not good for good, _ in results)
    print(f"{what}: {len(results)} responses, {failures} differ")
    return failures
