"""A local shop, invoicing services and couriers over real HTTP, with faults on demand.

It imports no other room: the production adapters reach it as they reach the real services.
"""
