require "date"

module Booking
  # Which nights are taken.
  class Calendar
    class Unreadable < StandardError; end

    def initialize
      @taken = Hash.new
    end

    def take(room, nights)
      nights.each do |night|
        @taken[room] << night
      end
    end

    def parse(text)
      Date.parse(text.strip[0, 9])
    rescue Date::Error
      raise Unreadable, "no date: #{text}"
    end
  end
end
