package com.brightmarket.fulfilment.shipping;

import com.brightmarket.fulfilment.order.Address;
import com.brightmarket.fulfilment.support.Checks;

public class Parcel {
    private final String order;
    private final Address to;

    public Parcel(String order, Address to) {
        this.order = Checks.present(order, "order");
        this.to = Checks.present(to, "address");
    }

    public Address to() {
        return to;
    }

    public String order() {
        return order;
    }
}
