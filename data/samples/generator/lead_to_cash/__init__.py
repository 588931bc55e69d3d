"""Nordwind GmbH: CRM, shop, billing, ERP, warehouse, support and what moves between them."""
