"""All commands of `hub`, by what they are about. Modules load when a command runs, so that `--help` answers at once."""

import typer

from hub.cli import (
    deliveries,
    edi,
    imports,
    messages,
    orders,
    parked,
    partners,
    payments,
    processes,
    stock,
    tasks,
    tokens,
    transmissions,
)

app = typer.Typer(
    name="hub",
    help="Crossdock: an integration hub for sales channels (EDIFACT, tills, web shops).",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
processes.register(app)
messages.register(app)
for name, group, summary in (
    ("order", orders.app, "Orders and their timelines."),
    ("message", messages.app, "One document that came in, and what it says."),
    ("delivery", deliveries.app, "Delivery orders: release, pick, pack, ship."),
    ("payment", payments.app, "Payments received."),
    ("stock", stock.app, "What lies where."),
    ("parked", parked.app, "What waits for a person to decide."),
    ("task", tasks.app, "What is odd about what was applied all the same."),
    ("transmission", transmissions.app, "Documents and events on their way to partners."),
    ("partner", partners.app, "Agreements with partners."),
    ("import", imports.app, "Master data and stock from CSV files."),
    ("token", tokens.app, "Credentials for partners, tills and people."),
    ("edi", edi.app, "EDIFACT files, without a hub."),
):
    app.add_typer(group, name=name, help=summary, no_args_is_help=True)
