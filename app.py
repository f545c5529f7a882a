"""The application that Chalice deploys: every blueprint, registered once."""

from chalice import Chalice

from chalicelib.api.addresses import answer_the_rest
from chalicelib.api.blueprint import shape_framework_errors
from chalicelib.api.root import root
from chalicelib.catalog.routes import catalog
from chalicelib.inventory.routes import inventory
from chalicelib.notifications.workers import notifications
from chalicelib.orders.routes import orders
from chalicelib.orders.workers import order_workers
from chalicelib.search.routes import search
from chalicelib.search.workers import search_workers
from chalicelib.users.routes import users

app = Chalice(app_name="stockroom")
app.register_middleware(shape_framework_errors, "http")
app.register_middleware(answer_the_rest(app.routes), "http")

for routes in (root, users, catalog, inventory, orders, search):
    app.register_blueprint(routes)

for workers in (order_workers, notifications, search_workers):
    app.register_blueprint(workers)
