# SPDX-License-Identifier: Apache-2.0
"""The list of checks: each file of checks adds to it."""
CHECKS = []


def check(name):
    """Adds a function that takes the endpoint; it raises Failed or Skipped, or all is well."""
    def add(function):
        CHECKS.append((name, function))
        return function
    return add


def connected(name, origin=None):
    """As check(); the function takes the endpoint and a connection, on which nothing against the contract may have come."""
    def add(function):
        def run(endpoint):
            with endpoint.connect(endpoint.stranger if origin == "stranger" else None) as page:
                function(endpoint, page)
                verdict(page)
        CHECKS.append((name, run))
        return function
    return add


def verdict(page):
    from endpoint import Failed
    if page.problems:
        raise Failed("; ".join(page.problems[:3]))
