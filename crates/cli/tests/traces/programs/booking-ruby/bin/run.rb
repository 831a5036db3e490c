require_relative "../lib/booking/desk"

rooms = [Booking::Room.new("blue"), Booking::Room.new("red", price: 80)]
desk = Booking::Desk.new(rooms)

case ARGV[0]
when "no-price" then desk.quote("blue", 2, 1)
when "date-cut" then desk.book("blue", "2026-11-")
when "no-list" then Booking.logged { desk.block("red", [1, 2]) }
when "cheapest" then Booking::Desk.new([]).cheapest
end
