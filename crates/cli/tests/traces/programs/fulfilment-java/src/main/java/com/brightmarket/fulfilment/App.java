package com.brightmarket.fulfilment;

import com.brightmarket.fulfilment.config.Tariffs;
import com.brightmarket.fulfilment.events.EventDispatcher;
import com.brightmarket.fulfilment.order.Address;
import com.brightmarket.fulfilment.order.Order;
import com.brightmarket.fulfilment.order.OrderBook;
import com.brightmarket.fulfilment.order.OrderLine;
import com.brightmarket.fulfilment.order.OrderReader;
import com.brightmarket.fulfilment.pricing.Category;
import com.brightmarket.fulfilment.pricing.PriceCatalog;
import com.brightmarket.fulfilment.pricing.PricingService;
import com.brightmarket.fulfilment.shipping.CarrierRates;
import com.brightmarket.fulfilment.shipping.LabelPrinter;
import com.brightmarket.fulfilment.shipping.Parcel;
import com.brightmarket.fulfilment.shipping.ShippingPlanner;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

public class App {
    private static final Logger log = LoggerFactory.getLogger(App.class);
    private static final Address HOME = new Address("Mill Lane 3", "9021", "NO");

    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "unknown-article" -> price(order("1", HOME, new OrderLine("SOFA-7", 1)));
            case "rate-with-blank" -> quote(order("2", HOME, new OrderLine("LAMP-1", 1)));
            case "empty-order" -> summarise(order("3", HOME));
            case "drop-while-walking" -> drop();
            case "pickup-has-no-address" -> new ShippingPlanner(new CarrierRates("a=1")).plan(List.of(order("5", null, new OrderLine("LAMP-1", 1))));
            case "fraction-of-a-piece" -> readOrder();
            case "category-in-itself" -> categories();
            case "tariff-without-days" -> System.out.println(Tariffs.DAYS);
            case "short-postcode" -> print();
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static Order order(String number, Address address, OrderLine... lines) {
        return new Order(number, "north", address == null ? "P7" : null, address, List.of(lines));
    }

    private static void price(Order order) {
        System.out.println(new PricingService(new PriceCatalog()).total(order));
    }

    private static void quote(Order order) {
        try {
            System.out.println(new ShippingPlanner(new CarrierRates("standard=4.90;express= 9.90")).cost(order, "express"));
        } catch (RuntimeException e) {
            log.error("Quote for order {} failed", order.number(), e);
        }
    }

    private static void summarise(Order order) {
        try (EventDispatcher dispatcher = new EventDispatcher()) {
            System.out.println(dispatcher.summarise(order).join());
        }
    }

    private static void drop() {
        OrderBook book = new OrderBook();
        book.add(order("41", HOME));
        book.add(order("42", HOME, new OrderLine("LAMP-1", 2)));
        book.add(order("43", HOME));
        System.out.println(book.dropEmpty());
    }

    private static void readOrder() {
        try {
            new OrderReader().read("{\"number\":\"6\",\"lines\":[{\"sku\":\"CORD-9\",\"quantity\":\"2.5\"}]}");
        } catch (RuntimeException e) {
            log.error("Order was rejected", e);
        }
    }

    private static void categories() {
        Category lamps = new Category("lamps");
        Category indoor = new Category("indoor");
        lamps.moveBelow(indoor);
        indoor.moveBelow(lamps);
        System.out.println(lamps.path());
    }

    private static void print() throws Exception {
        try (LabelPrinter printer = new LabelPrinter()) {
            printer.print(new Parcel("9", HOME));
        }
    }
}
