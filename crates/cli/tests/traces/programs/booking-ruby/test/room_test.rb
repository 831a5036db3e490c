require "minitest/autorun"
require_relative "../lib/booking/room"

class RoomTest < Minitest::Test
  def test_children_pay_nothing
    assert_equal 80, Booking::Room.new("red", price: 80).nightly(0.5)
  end
end
