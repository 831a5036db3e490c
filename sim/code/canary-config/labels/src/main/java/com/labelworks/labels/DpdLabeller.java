package com.labelworks.labels;

import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

@Component
public class DpdLabeller implements Labeller {

    private final Environment environment;
    private final DpdClient client;

    public DpdLabeller(Environment environment, DpdClient client) {
        this.environment = environment;
        this.client = client;
    }

    @Override
    public String carrier() {
        return "DPD";
    }

    @Override
    public Label label(Consignment consignment) {
        String contract = environment.getRequiredProperty("carrier.dpd.contract-id");
        return client.order(contract, consignment.no(), consignment.grams());
    }
}
