"""The application that Chalice deploys: every blueprint, registered once."""

from chalice.app import Chalice

from chalicelib.api.http import root
from chalicelib.api.routes import shape_framework_errors
from chalicelib.api.unmatched import answer_the_rest
from chalicelib.catalog.http import catalog
from chalicelib.catalog.propagation.workers import propagation_workers
from chalicelib.inventory.http import inventory
from chalicelib.notifications.workers import notifications
from chalicelib.orders.http import orders
from chalicelib.orders.workers import order_workers
from chalicelib.search.http import search
from chalicelib.users.http import users

app = Chalice(app_name="stockroom")
app.register_middleware(shape_framework_errors, "http")
app.register_middleware(answer_the_rest(app.routes), "http")

for routes in (root, users, catalog, inventory, orders, search):
    app.register_blueprint(routes)

for workers in (order_workers, notifications, propagation_workers):
    app.register_blueprint(workers)
