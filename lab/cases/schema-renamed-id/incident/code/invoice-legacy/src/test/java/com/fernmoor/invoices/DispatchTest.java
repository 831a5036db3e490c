package com.fernmoor.invoices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonParseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DispatchTest {

    @Test
    void readsNumbersAndText() {
        assertEquals(new Dispatch("S-1", "T9"), Dispatch.parse("{\"shipmentNo\":\"S-1\",\"tracking\":\"T9\",\"x\":{}}"));
        assertEquals(new Dispatch("120045", null), Dispatch.parse("{\"shipmentNo\":120045}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{}", "{\"shipmentNo\":\" \"}", "{\"shipmentNo\":{}}", "{\"shipmentNo\""})
    void refusesWhatNamesNoShipment(String text) {
        assertThrows(JsonParseException.class, () -> Dispatch.parse(text));
    }
}
