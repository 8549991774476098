"""The directories that were imported on this machine: `<data folder>/directories`."""

from pathlib import Path

from hub.settings import Settings
from hub.translators.edifact.imported import hold


def hold_imported(settings: Settings) -> Path:
    """Hold them in this process, and return the folder in which they lie."""
    folder = settings.data_dir / "directories"
    hold(folder)
    return folder
