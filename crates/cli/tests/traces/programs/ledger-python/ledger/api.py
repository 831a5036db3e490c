"""The HTTP face."""

from fastapi import FastAPI
from pydantic import BaseModel

from ledger.accounts import Account, Accounts
from ledger.booking import BookingService
from ledger.rates import RateTable

app = FastAPI()
accounts = Accounts()
accounts.add(Account("A-1", "Ines", 500))
service = BookingService(accounts, RateTable())


class Balance(BaseModel):
    number: str
    cents: int


@app.post("/accounts/{number}/bookings")
async def post_booking(number: str, cents: int, currency: str = "EUR"):
    return {"balance": service.book(number, cents, currency)}


@app.get("/accounts/{number}")
def read_account(number: str):
    account = accounts.find(number)
    return Balance(number=number, cents=account.limit / 3)
