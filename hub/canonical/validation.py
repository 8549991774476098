"""What a model found wrong with a document, as findings with a JSON path."""

from pydantic import ValidationError

from hub.canonical.finding import Finding, Location

MOST_FINDINGS = 10_000
"""Of one value; what is wrong in more places is not of this kind at all."""


def findings_of(error: ValidationError, path: str = "$") -> tuple[Finding, ...]:
    """Return one finding per problem, a single one if they are too many; `path` is where the value stands."""
    if error.error_count() > MOST_FINDINGS:
        message = f"more than {MOST_FINDINGS} problems"
        return (Finding(code="too_many_problems", location=Location(path=path), message=message),)
    return tuple(
        Finding(
            code=problem["type"], location=Location(path=path + json_path(problem["loc"])), message=str(problem["msg"])
        )
        for problem in error.errors(include_url=False, include_context=False, include_input=False)
    )


def json_path(steps: tuple[int | str, ...]) -> str:
    """Return the path of these names and indexes, to be put behind `$`: `.lines[2].quantity`, `.codes['BGM 1001']`."""
    return "".join(f".{step}" if isinstance(step, str) and step.isidentifier() else f"[{step!r}]" for step in steps)
