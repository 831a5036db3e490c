import pytest

from ledger.accounts import Account, Accounts
from ledger.booking import BookingService
from ledger.rates import RateTable


@pytest.fixture
def service():
    accounts = Accounts()
    accounts.add(Account("A-1", "Ines", 500))
    return BookingService(accounts, RateTable())


def test_crowns_are_converted():
    assert RateTable().convert(1140, "SEK") == 100.4


def test_unknown_currencies_are_refused(service):
    assert service.book("A-1", 100, "NOK") == 0
