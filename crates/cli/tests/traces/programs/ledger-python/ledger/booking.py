"""Books payments."""

import logging

from ledger.errors import BookingRefused
from ledger.retrying import retried

log = logging.getLogger(__name__)


class BookingService:
    def __init__(self, accounts, rates):
        self.accounts = accounts
        self.rates = rates

    def book(self, number, cents, currency):
        account = self.accounts.find(number)
        in_euro = self.rates.convert(cents, currency)
        account.bookings.append({"cents": in_euro, "currency": currency})
        return account.balance()

    def withdraw(self, number, cents):
        account = self.accounts.find(number)
        try:
            if not account.may_spend(cents):
                raise BookingRefused(number, cents)
            account.bookings.append({"cents": -cents})
        except TypeError as error:
            raise BookingRefused(number, cents) from error

    def undo(self, number):
        account = self.accounts.find(number)
        try:
            account.bookings.pop()
        except IndexError:
            log.warning("Nothing to undo for %s", account.name)

    @retried(times=2)
    def transfer(self, source, target, cents):
        self.withdraw(source, cents)
        fee = cents // self.accounts.find(target).limit
        self.accounts.find(target).bookings.append({"cents": cents - fee})
