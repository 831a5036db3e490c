require "json"
require "logger"
require_relative "room"
require_relative "calendar"

module Booking
  # Takes bookings.
  class Desk
    def initialize(rooms)
      @rooms = rooms.to_h { |room| [room.name, room] }
      @calendar = Calendar.new
    end

    def quote(name, nights, guests)
      nights * @rooms[name].nightly(guests)
    end

    def book(name, from)
      @calendar.parse(from)
    end

    def block(name, nights)
      @calendar.take(name, nights)
    end

    def cheapest
      @rooms.values.min_by { |room| room.nightly(1) }.name
    end
  end

  def self.logged
    yield
  rescue StandardError => e
    puts JSON.generate(severity: "ERROR", message: e.message, exception: e.class.name, backtrace: e.backtrace)
  end
end
