"""What can go wrong."""


class BookingRefused(Exception):
    def __init__(self, number, cents):
        super().__init__(f"booking of {cents} on {number} was refused")
