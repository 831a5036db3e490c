package shop.orders;

public enum OrderStatus { PLACED, RESERVED, SHIPPED, CANCELLED }
