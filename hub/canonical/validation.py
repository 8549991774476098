"""What a model found wrong with a document, as findings with a JSON path."""

from pydantic import ValidationError

from hub.canonical.finding import Finding, Location


def findings_of(error: ValidationError, path: str = "$") -> tuple[Finding, ...]:
    """Return one finding per problem; `path` is where the validated value stands in the document."""
    return tuple(
        Finding(
            code=problem["type"], location=Location(path=path + json_path(problem["loc"])), message=str(problem["msg"])
        )
        for problem in error.errors(include_url=False, include_context=False, include_input=False)
    )


def json_path(steps: tuple[int | str, ...]) -> str:
    """Return the path of these names and indexes, to be put behind `$`: `.lines[2].quantity`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
