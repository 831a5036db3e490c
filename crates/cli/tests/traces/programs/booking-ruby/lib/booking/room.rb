module Booking
  # A room and its prices.
  class Room
    attr_reader :name, :price

    def initialize(name, price: nil)
      @name = name
      @price = price
    end

    def nightly(guests)
      price + 10 * guests
    end
  end
end
