from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "tuopin.orders"
    label = "orders"
    verbose_name = "Orders"
