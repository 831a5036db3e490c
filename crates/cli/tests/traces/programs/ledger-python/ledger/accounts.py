"""Accounts and where they are kept."""

from dataclasses import dataclass, field


@dataclass
class Account:
    number: str
    owner: str
    limit: int | None = None
    bookings: list = field(default_factory=list)

    def balance(self):
        return sum(b["cents"] for b in self.bookings)

    def may_spend(self, cents):
        return self.balance() + self.limit >= cents


class Accounts:
    def __init__(self):
        self._by_number = {}

    def add(self, account):
        self._by_number[account.number] = account

    def find(self, number):
        return self._by_number.get(number)
