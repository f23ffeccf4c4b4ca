# The index of what a developer does here. The work is done by dev/sandbox; everything it makes lies in .sandbox/.
#
# Variables, each after `make <target>` or in the environment:
#   run          PORT=8069  DB=customer_grading (database)  INTERFACE=127.0.0.1 (address to listen on)
#   shell        DB=customer_grading
#   test         ARGS="-k lifecycle" (anything for pytest: names, --pdb, -n 4)
#                SEED=4711 (a random world of the tests once more)  WORLDS=30 (so many new ones instead of one)
#                TODAY="2028-02-29 12:00:00" (UTC: PostgreSQL, Odoo and the browser begin at this moment)
#   bench        CUSTOMERS=100000  ORDERS=1000000  LEADS=CUSTOMERS  REPETITIONS=3 (of each measurement)
#   accuracy     HISTORY=orders.csv (customer,date,revenue; simulated without one)  MONTHS=12,3 (before its end)
#   updates      VERSIONS=19.0.1.3.0,19.0.1.4.0 (instead of all earlier ones)  KEEP=1 (the databases)
#   hands        SESSIONS=50  MINUTES=10  CUSTOMERS=10000  THINK=12 (seconds between two actions of a session)
#   faults       KILLS=50 (of each kind)  CUSTOMERS=10000
#   companies    COMPANIES=20  CUSTOMERS=500 (of each)
#   nights       NIGHTS=30  CUSTOMERS=10000
#   installation CONTACTS=100000
#   pictures     ARGS="-k overview" (some of them)
#   everywhere   PYTHON=python3 (3.10 to 3.13)
#                ODOO_PATH=/folder (an existing Odoo 19 instead of Debian's package)
#                DEBIAN_MIRROR=<address> (of the archive that Odoo comes from)
#                PGHOST, PGPORT, PGUSER, PGPASSWORD … (an existing PostgreSQL instead of a private one)

PYTHON ?= python3
SANDBOX = $(PYTHON) dev/sandbox

.DEFAULT_GOAL := help
.PHONY: help run test test-days test-core neighbours oca updates hands faults companies nights replica installation bench
.PHONY: accuracy lint format shell i18n pictures clean python

help:  ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

run: python  ## serve Odoo with the module and demo data on http://localhost:8069 (PORT=8070, DB=name)
	@$(SANDBOX) run

test: python  ## lint, and the whole suite, browser tours included (ARGS="-k lifecycle", TODAY="2028-02-29 12:00:00")
	@$(SANDBOX) test

test-days: python  ## the whole suite on a weekend, over midnight, on a leap day … (an hour)
	@$(SANDBOX) test-days

test-core: python  ## the tests of crm, sale_crm, sales_team and contacts, with and without the module
	@$(SANDBOX) test-core

neighbours: python  ## the same for everything of Odoo that works with contacts: 14 modules more (an hour)
	@$(SANDBOX) neighbours

oca: python  ## our tests beside sixteen modules of OCA on contacts, from PyPI (ARGS="-k birthdate")
	@$(SANDBOX) oca

updates: python  ## from each earlier version, with data of its own, to this one (VERSIONS=19.0.1.3.0)
	@$(SANDBOX) updates

hands: python  ## many people at work over HTTP while full runs repeat (SESSIONS=50 MINUTES=10)
	@$(SANDBOX) hands

faults: python  ## kill workers and connections, fill the disk, move the clock: the next run repairs it all (KILLS=50)
	@$(SANDBOX) faults

companies: python  ## twenty companies on one worker and on two (COMPANIES=20 CUSTOMERS=500)
	@$(SANDBOX) companies

nights: python  ## how much the tables have grown after thirty nights (NIGHTS=30 CUSTOMERS=10000)
	@$(SANDBOX) nights

replica: python  ## every screen of reading on a streaming replica
	@$(SANDBOX) replica

installation: python  ## installation and update beside many contacts, and how long saves wait (CONTACTS=100000)
	@$(SANDBOX) installation

bench: python  ## measure on generated data (CUSTOMERS=100000 ORDERS=1000000 LEADS=100000 REPETITIONS=3)
	@$(SANDBOX) bench

accuracy: python  ## how good grades and probabilities were on a history of orders (HISTORY=orders.csv MONTHS=12,3)
	@$(SANDBOX) accuracy

lint: python  ## ruff, pylint-odoo, OCA's hooks, XML, plain English, pictures up to date
	@$(SANDBOX) lint

format: python  ## let the formatters mend Python and XML
	@$(SANDBOX) format

shell: python  ## Odoo's shell on the database of `make run`; takes a script on standard input
	@$(SANDBOX) shell

i18n: python  ## export the template and the translations into i18n/
	@$(SANDBOX) i18n

pictures: python  ## take the pictures of README, docs and Apps page of the demo data
	@$(SANDBOX) pictures

clean: python  ## remove everything that the sandbox made
	@$(SANDBOX) clean

# Everything else that is missing is dev/sandbox's to install or to name.
python:
	@command -v $(PYTHON) >/dev/null || { \
	    if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	        echo "==> Installing Python"; \
	        apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends python3 python3-venv >/dev/null; \
	    else \
	        echo "Python is missing. Run this line, then run make again:"; \
	        echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends python3 python3-venv"; \
	        exit 1; \
	    fi; }
