package com.fernmoor.invoices;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;

/** A shipment that left the house, as shipping reports it. */
record Dispatch(String shipmentNo, String tracking) {

    /** @throws JsonParseException if the text is no JSON or names no shipment */
    static Dispatch parse(String json) {
        if (json == null) {
            throw new JsonParseException("empty record");
        }
        JsonElement element = JsonParser.parseString(json);
        if (!element.isJsonObject()) {
            throw new JsonParseException("not an object");
        }
        JsonObject object = element.getAsJsonObject();
        String shipmentNo = text(object, "shipmentNo");
        if (shipmentNo == null || shipmentNo.isBlank()) {
            throw new JsonParseException("no shipmentNo");
        }
        return new Dispatch(shipmentNo, text(object, "tracking"));
    }

    private static String text(JsonObject object, String name) {
        JsonElement value = object.get(name);
        return value == null || !value.isJsonPrimitive() ? null : value.getAsString();
    }
}
