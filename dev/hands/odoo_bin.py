"""Odoo's command line as a script: a server with workers starts itself once more, by the name of its script."""

from odoo.cli.command import main

main()
