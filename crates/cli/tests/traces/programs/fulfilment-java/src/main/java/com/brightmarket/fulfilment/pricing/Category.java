package com.brightmarket.fulfilment.pricing;

public class Category {
    private final String name;
    private Category parent;

    public Category(String name) {
        this.name = name;
    }

    public void moveBelow(Category other) {
        this.parent = other;
    }

    public String path() {
        if (parent == null) {
            return name;
        }
        return parent.path() + "/" + name;
    }
}
