package com.brightmarket.fulfilment.shipping;

import java.io.Closeable;
import java.io.IOException;

public class LabelPrinter implements Closeable {
    private final StringBuilder spool = new StringBuilder();

    public void print(Parcel parcel) {
        String postcode = parcel.to().postcode();
        String zone = postcode.substring(0, 5);
        spool.append(zone).append(' ').append(parcel.order());
    }

    @Override
    public void close() throws IOException {
        if (spool.isEmpty()) {
            throw new IOException("nothing was printed");
        }
    }
}
