"""Bookings of customers' accounts."""
