"""Exchange rates."""

TABLE = {"EUR": 1.0, "USD": 1.09, "SEK": 11.4}


class RateTable:
    def __init__(self, table=None):
        self.table = table or dict(TABLE)

    def rate(self, currency):
        return self.table[currency]

    def convert(self, cents, currency):
        rate = self.rate(currency)
        return round(cents / rate)
