"""The application that Chalice deploys: every blueprint, registered once."""

from chalice.app import Chalice

from chalicelib.api.http import root
from chalicelib.api.middleware import finish_response
from chalicelib.api.unmatched import answer_unmatched
from chalicelib.catalog.http import catalog
from chalicelib.catalog.propagation.workers import propagation_workers
from chalicelib.inventory.http import inventory
from chalicelib.notifications.workers import notifications
from chalicelib.orders.http import orders
from chalicelib.orders.workers import order_workers
from chalicelib.search.http import search
from chalicelib.users.http import users

APIS = (root, users, catalog, inventory, orders, search)

app = Chalice(app_name="stockroom")
app.register_middleware(finish_response, "http")
app.register_middleware(answer_unmatched(app.routes), "http")

for api in APIS:
    app.register_blueprint(api.blueprint)

for workers in (order_workers, notifications, propagation_workers):
    app.register_blueprint(workers)
